"""Training objectives that masks and compared methods share (Zhang et al. 2021, section 3).

All of them read a batch with the same number of rows from every cell.
"""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812


def triplet_loss(
    vectors: Tensor, labels: Mapping[str, Tensor], aspect: str, *, margin: float = 2.0
) -> Tensor:
    """Triplet loss of one aspect's representation over all triplets in the batch.

    For an anchor z0, z1 shares the aspect and differs in another one, z2 shares that other one
    and differs in the aspect: `max(|z0 - z1| - |z0 - z2| + margin, 0)` with the Euclidean norm.
    With two aspects these are the paper's triplets; with more, one mean over those of all others.

    Parameters
    ----------
    vectors : [rows, width], the representation for `aspect`.
    labels : for each aspect, int64 [rows]; they are taken to where the vectors lie.
    margin : epsilon of the paper.

    Returns
    -------
    A scalar; 0 where the batch holds no triplet.
    """
    labels = {name: codes.to(vectors.device) for name, codes in labels.items()}
    squared = (vectors * vectors).sum(1)
    gram = vectors @ vectors.T
    distance = (squared[:, None] + squared[None, :] - 2 * gram).clamp(min=1e-8).sqrt()
    same = labels[aspect][:, None] == labels[aspect][None, :]
    total = vectors.new_zeros(())
    count = torch.zeros_like(total, dtype=torch.int64)
    for other, codes in labels.items():
        if other == aspect:
            continue
        same_other = codes[:, None] == codes[None, :]
        positive, negative = same & ~same_other, ~same & same_other
        pairs = positive[:, :, None] & negative[:, None, :]
        gaps = (distance[:, :, None] - distance[:, None, :] + margin).clamp(min=0)
        total = total + (gaps * pairs).sum()
        count = count + pairs.sum()
    return total / count.clamp(min=1)


def explicit_triplet_loss(z0: Tensor, z1: Tensor, z2: Tensor, *, margin: float = 2.0) -> Tensor:
    """Mean of `max(|z0 - z1| - |z0 - z2| + margin, 0)` over given triplets.

    This is the loss of the aspect that x0 and x1 share; for the other one exchange z1 and z2.

    Parameters
    ----------
    z0, z1, z2 : [triplets, width], one aspect's representation of each part.
    margin : epsilon of the paper.
    """
    near = (z0 - z1).square().sum(1).clamp(min=1e-8).sqrt()
    far = (z0 - z2).square().sum(1).clamp(min=1e-8).sqrt()
    return (near - far + margin).clamp(min=0).mean()


def classification_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy of a linear head, in nats.

    Parameters
    ----------
    logits : [rows, classes].
    targets : int64 [rows]; they are taken to where the logits lie.
    """
    return F.cross_entropy(logits, targets.to(logits.device))


def reverse_gradient(vectors: Tensor, strength: float) -> Tensor:
    """Identity forwards, gradient times `-strength` backwards (Ganin and Lempitsky 2015)."""
    reversed_: Tensor = _ReverseGradient.apply(vectors, strength)  # type: ignore[no-untyped-call]
    return reversed_


class _ReverseGradient(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: torch.autograd.function.FunctionCtx, vectors: Tensor, strength: float
    ) -> Tensor:
        ctx.strength = strength  # type: ignore[attr-defined]
        return vectors.view_as(vectors)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, gradient: Tensor) -> tuple[Tensor, None]:
        return -ctx.strength * gradient, None  # type: ignore[attr-defined]

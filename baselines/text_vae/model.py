"""The variational autoencoder around a pair, and a language model around its writer alone."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.text_vae.pair import Pair
from baselines.text_vae.pieces import Frame, Pieces
from baselines.text_vae.posteriors import BatchPosterior, DiagonalGaussian
from baselines.text_vae.sequences import Batch


class LatentMaps(nn.Module):
    """Two linear maps without bias, for mean and log variance (Park and Lee 2021, section 3).

    `width`: of the pooled states. `size`: of the latent.
    """

    def __init__(self, width: int, size: int) -> None:
        super().__init__()
        self.mean = nn.Linear(width, size, bias=False)
        self.log_variance = nn.Linear(width, size, bias=False)

    def forward(self, pooled: Tensor) -> DiagonalGaussian:
        """q(z|x) from [texts, width], in float32."""
        return DiagonalGaussian(self.mean(pooled).float(), self.log_variance(pooled).float())


class TextModel(nn.Module):
    """p(x|z) of texts, and q(z|x) where there is a latent.

    Parameters
    ----------
    pair : reader, writer and output.
    pieces : that the pair knows.
    latent : size of z; 0 for a language model without one.
    maps : from what the reader gives to q(z|x), where that is no diagonal Gaussian.
    unmasked : the released code's defect: texts are padded to this length, and the padding takes
        part in the pooling; 0 leaves it out.
    """

    def __init__(
        self,
        pair: Pair,
        pieces: Pieces,
        latent: int,
        *,
        maps: nn.Module | None = None,
        unmasked: int = 0,
    ) -> None:
        super().__init__()
        self.pair, self.pieces, self.latent = pair, pieces, latent
        self.unmasked = unmasked
        self.maps = maps or (LatentMaps(pair.width, latent) if latent else None)

    def posterior(self, ids: Tensor, mask: Tensor) -> BatchPosterior:
        """q(z|x) of texts, int64 [texts, pieces]."""
        assert self.maps is not None
        pooled = None
        if self.unmasked:
            missing = max(self.unmasked - ids.shape[1], 0)
            ids = F.pad(ids, (0, missing), value=self.pieces.frame.padding)
            mask = F.pad(mask, (0, missing))
            pooled = torch.ones_like(mask)
        posterior: BatchPosterior = self.maps(self.pair.read(ids, mask, pooled))
        return posterior

    def nats(self, latents: Tensor | None, batch: Batch) -> Tensor:
        """-log p(x|z), float32 [texts]; see `baselines.text_vae.pieces` for what is counted.

        `latents`: [texts, size], or None where there is none.
        """
        states = self.pair.write(latents, batch.given, batch.there)
        there = batch.there.bool()
        targets = batch.targets[there]
        each = F.cross_entropy(self.pair.logits(states[there]), targets, reduction="none")
        each = each + self.pieces.share_nats * (targets == self.pieces.other)
        rows = torch.arange(len(batch), device=each.device)[:, None].expand_as(there)[there]
        return each.new_zeros(len(batch)).index_add(0, rows, each)

    @torch.inference_mode()
    def greedy(self, latents: Tensor, longest: int) -> list[list[int]]:
        """What the function `greedy` gives for latents [texts, size]."""

        def following(given: Tensor) -> Tensor:
            states = self.pair.write(latents, given, torch.ones_like(given))
            return self.pair.logits(states[:, -1])

        return greedy(following, self.pieces.frame, len(latents), longest, latents.device)


def greedy(
    following: Callable[[Tensor], Tensor],
    frame: Frame,
    texts: int,
    longest: int,
    device: torch.device,
) -> list[list[int]]:
    """The most likely next piece again and again, until the end or `longest` pieces.

    Gives numbers of the pieces of each text, without its frame.

    Parameters
    ----------
    following : from the pieces so far, int64 [texts, pieces] with the start first, to the logits of
        the next one, [texts, pieces known].
    frame : in the numbers of the pieces.
    """
    excluded = torch.tensor(sorted({frame.start, frame.padding} - {frame.end}), device=device)
    given = torch.full((texts, 1), frame.start, device=device)
    ended = torch.zeros(texts, dtype=torch.bool, device=device)
    for _ in range(longest):
        logits = following(given)
        logits[:, excluded] = float("-inf")
        next_piece = logits.argmax(1).masked_fill(ended, frame.end)
        given = torch.cat([given, next_piece[:, None]], dim=1)
        ended |= next_piece == frame.end
        if ended.all():
            break
    written = given[:, 1:].tolist()
    return [text[: text.index(frame.end)] if frame.end in text else text for text in written]

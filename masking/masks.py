"""Binary masks with straight-through gradients, and the linear map that wears them."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

Kind = Literal["weights", "units"]


def binary_mask(scores: Tensor) -> Tensor:
    """`1[s > 0]` as bfloat16, with the identity as its gradient (straight-through).

    Zhang et al. 2021, section 3, with the threshold tau folded into the scores.
    """
    mask: Tensor = _StraightThrough.apply(scores)  # type: ignore[no-untyped-call]
    return mask


class _StraightThrough(torch.autograd.Function):
    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, scores: Tensor) -> Tensor:
        return (scores > 0).to(torch.bfloat16)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, gradient: Tensor) -> Tensor:
        return gradient.float()


class MaskedLinear(nn.Module):
    """A frozen linear map that wears one learned mask for each aspect.

    Masked weights: `h' = h (W * M)`, M of W's shape. Masked hidden units: `h' = (h * m) W`, m of
    W's input width. The bias stays whole.

    Parameters
    ----------
    linear : the map to wrap, weight [out, in].
    kind : what is masked.
    scores : float32 [aspects, out, in] for weights, [aspects, in] for units.
    """

    def __init__(self, linear: nn.Linear, kind: Kind, scores: Tensor) -> None:
        super().__init__()
        self.kind = kind
        self.active = 0
        self.weight = linear.weight.detach()
        self.bias = None if linear.bias is None else linear.bias.detach()
        self.scores = nn.ParameterList([nn.Parameter(part.clone()) for part in scores])

    def forward(self, hidden: Tensor) -> Tensor:
        mask = binary_mask(self.scores[self.active])
        if self.kind == "weights":
            return F.linear(hidden, self.weight * mask, self.bias)
        return F.linear(hidden * mask, self.weight, self.bias)

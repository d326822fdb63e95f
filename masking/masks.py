"""Binary masks, how their gradient is estimated, and the linear map that is masked.

Whatever the estimator, an entry is open after training where its score is above 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from data.errors import UnknownNameError
from harness.encoders.architectures import weight_of, with_weight
from harness.training.changed_layers import ChangedLinear
from masking.granularity import Grid, spread

LOWER, UPPER, TEMPERATURE = -0.1, 1.1, 2 / 3
"""Stretch and temperature of the hard concrete distribution (Louizos et al. 2018, section 4)."""


@dataclass(frozen=True)
class Estimator:
    """How masks are drawn in training, and how open they are in expectation.

    Attributes
    ----------
    draw : from scores float32 [r, c], a generator of the processor and a type to a mask of that
        type, [r, c] in [0, 1].
    openness : from scores to the probability that each entry is open, float32 [r, c].
    """

    draw: Callable[[Tensor, torch.Generator, torch.dtype], Tensor]
    openness: Callable[[Tensor], Tensor]


def binary_mask(scores: Tensor, dtype: torch.dtype) -> Tensor:
    """`1[s > 0]` in the type given, with the identity as its gradient (straight-through).

    Zhang et al. 2021, section 3, with the threshold tau folded into the scores.
    """
    mask: Tensor = _StraightThrough.apply(scores, dtype)  # type: ignore[no-untyped-call]
    return mask


class _StraightThrough(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: torch.autograd.function.FunctionCtx, scores: Tensor, dtype: torch.dtype
    ) -> Tensor:
        # Compared into the type at once, which is several times faster than casting from bool.
        return torch.gt(scores, 0, out=torch.empty_like(scores, dtype=dtype))

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient.float(), None


def hard_concrete_mask(scores: Tensor, random: torch.Generator, dtype: torch.dtype) -> Tensor:
    """A draw of the hard concrete distribution (Louizos et al. 2018, equation 10), as `dtype`.

    `min(1, max(0, sigmoid((log u - log(1 - u) + s) / beta) (r - l) + l))` with uniform u: exactly
    0 or 1 with positive probability, and differentiable in the scores between them.
    """
    uniform = torch.rand(scores.shape, generator=random).clamp(1e-6, 1 - 1e-6)
    noise = (uniform.log() - (-uniform).log1p()).to(scores.device)
    mask: Tensor = _HardConcrete.apply(scores, noise, dtype)  # type: ignore[no-untyped-call]
    return mask


class _HardConcrete(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: torch.autograd.function.FunctionCtx, scores: Tensor, noise: Tensor, dtype: torch.dtype
    ) -> Tensor:
        soft = torch.sigmoid((noise + scores) / TEMPERATURE)
        stretched = soft * (UPPER - LOWER) + LOWER
        inside = (stretched > 0) & (stretched < 1)
        # Not saved for backward, which would free it after the first of a step's passes.
        ctx.slope = inside * soft * (1 - soft) * (UPPER - LOWER) / TEMPERATURE  # type: ignore[attr-defined]
        return stretched.clamp(0, 1).to(dtype)

    @staticmethod
    def backward(
        ctx: torch.autograd.function.FunctionCtx, gradient: Tensor
    ) -> tuple[Tensor, None, None]:
        return gradient.float() * ctx.slope, None, None  # type: ignore[attr-defined]


def hard_concrete_openness(scores: Tensor) -> Tensor:
    """Probability that a draw is above 0 (Louizos et al. 2018, equation 12)."""
    return torch.sigmoid(scores - TEMPERATURE * math.log(-LOWER / UPPER))


ESTIMATORS = {
    "straight-through": Estimator(
        draw=lambda scores, _, dtype: binary_mask(scores, dtype),
        openness=lambda scores: binary_mask(scores, torch.float32),
    ),
    "hard-concrete": Estimator(draw=hard_concrete_mask, openness=hard_concrete_openness),
}


def estimator_of(name: str) -> Estimator:
    """The estimator of that name; UnknownNameError where there is none."""
    if name not in ESTIMATORS:
        raise UnknownNameError("estimator", name, ESTIMATORS)
    return ESTIMATORS[name]


class MaskedLinear(ChangedLinear):
    """A frozen linear map with one learned mask for each aspect.

    Masked weights: `h' = h (W * M)`, M of W's shape or coarser. Masked hidden units:
    `h' = (h * m) W`, m of W's input width. The bias stays whole. It is either in training, after
    `draw`, with masks that carry a gradient, or frozen, after `freeze`, with copies of W that are
    multiplied by binary masks.

    Parameters
    ----------
    linear : the map to wrap, weight [out, in].
    grid : shape [r, c] of a mask.
    scores : float32 [aspects, r, c].
    role : what the map is for, see `harness.encoders.roles`.
    """

    def __init__(self, linear: nn.Linear, grid: Grid, scores: Tensor, *, role: str) -> None:
        super().__init__(linear)
        self.role = role
        self.grid = grid
        self._active_weight: Tensor | None = None
        self.scores = nn.ParameterList([nn.Parameter(part.clone()) for part in scores])
        self.masks: list[Tensor] = []
        self._products: list[Tensor] = []

    def draw(self, estimator: Estimator, random: torch.Generator) -> None:
        """Take the masks of one training step, which all of its passes share."""
        self._products = []
        self._active_weight = None
        self.masks = [estimator.draw(scores, random, self.weight.dtype) for scores in self.scores]

    def freeze(self) -> None:
        self.masks = []
        self._active_weight = None
        with torch.no_grad():
            self._products = [
                spread(bits.to(self.weight.dtype), self.weight) for bits in self.opened()
            ]

    def activate(self, aspect: int) -> None:
        super().activate(aspect)
        # Before the passes, which share it, and which are repeated where memory is short.
        spread_out = bool(self.masks) and not self._on_inputs
        self._active_weight = spread(self.masks[aspect], self.weight) if spread_out else None

    @property
    def _on_inputs(self) -> bool:
        return self.grid == (1, self.weight.shape[1])

    def opened(self) -> list[Tensor]:
        """For each aspect bool [r, c]: the entries that are open."""
        return [scores.detach() > 0 for scores in self.scores]

    def used(self, aspect: int) -> Tensor:
        """bool [out, in]: the weights that an aspect uses: open, and not pruned away."""
        whole = torch.ones_like(self.weight, dtype=torch.float32)
        open_ = spread(self.opened()[aspect].float(), whole)
        return (open_ > 0) & (self.weight != 0)

    def plain(self, original: nn.Module, aspect: int) -> nn.Module:
        return with_weight(original, weight_of(original) * self.used(aspect))

    def forward(self, hidden: Tensor) -> Tensor:
        if self._products:
            return F.linear(hidden, self._products[self._active], self.bias)
        mask = self.masks[self._active]
        if self._on_inputs:
            # On inputs it costs no gradient of the whole weight.
            return F.linear(hidden * mask[0], self.weight, self.bias)
        weight = self._active_weight
        weight = spread(mask, self.weight) if weight is None else weight
        return F.linear(hidden, weight, self.bias)

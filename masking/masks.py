"""Binary masks, how their gradient is estimated, and the linear map that is masked.

Whatever the estimator, an entry is open after training where its score is above 0.
"""

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
    draw : from scores float32 [r, c] and a type to a mask of that type, [r, c] in [0, 1]; random
        numbers come from torch's generator.
    openness : from scores to the probability that each entry is open, float32 [r, c].
    """

    draw: Callable[[Tensor, torch.dtype], Tensor]
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


def hard_concrete_mask(scores: Tensor, dtype: torch.dtype) -> Tensor:
    """A draw of the hard concrete distribution (Louizos et al. 2018, equation 10), as `dtype`.

    `min(1, max(0, sigmoid((log u - log(1 - u) + s) / beta) (r - l) + l))` with uniform u: exactly
    0 or 1 with positive probability, and differentiable in the scores between them.
    """
    uniform = torch.rand(scores.shape).clamp(1e-6, 1 - 1e-6)
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
        draw=binary_mask,
        openness=lambda scores: binary_mask(scores, torch.float32),
    ),
    "hard-concrete": Estimator(draw=hard_concrete_mask, openness=hard_concrete_openness),
}


def estimator_of(name: str) -> Estimator:
    """The estimator of that name; UnknownNameError where there is none."""
    if name not in ESTIMATORS:
        raise UnknownNameError("estimator", name, ESTIMATORS)
    return ESTIMATORS[name]


@dataclass(frozen=True)
class Use:
    """What becomes of a mask when it is used.

    Attributes
    ----------
    walk : t of the walk back, `(1 - t) 1 + t M`; with 1 closed entries are closed.
    rescaled : whether the kept weights of a row are as long together as the whole row was.
    """

    walk: float = 1.0
    rescaled: bool = False

    def walked(self, mask: Tensor) -> Tensor:
        """The mask on its way back to all ones."""
        return mask if self.walk == 1 else mask.mul(self.walk).add(1 - self.walk)

    @staticmethod
    def as_long(left: Tensor, weight: Tensor) -> Tensor:
        """The rows that are left, [out, in], with the norms of the whole ones; empty ones stay."""
        whole, short = (torch.linalg.vector_norm(w.detach().float(), dim=1) for w in (weight, left))
        scaled: Tensor = left * (whole / short.clamp(min=1e-12)).to(left.dtype)[:, None]
        return scaled


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
    use : what becomes of a mask of ones and zeros when it is used.
    """

    def __init__(
        self,
        linear: nn.Linear,
        grid: Grid,
        scores: Tensor,
        *,
        role: str,
        use: Use = Use(),
    ) -> None:
        super().__init__(linear)
        self.role, self.grid, self.use = role, grid, use
        self._whole = self.weight
        self._active_weight: Tensor | None = None
        self.scores = nn.ParameterList([nn.Parameter(part.clone()) for part in scores])
        self.masks: list[Tensor] = []
        self._products: list[Tensor] = []

    def draw(self, estimator: Estimator) -> None:
        """Take the masks of one training step, which all of its passes share."""
        self._products = []
        self._active_weight = None
        self.masks = [estimator.draw(scores, self.weight.dtype) for scores in self.scores]

    def freeze(self) -> None:
        self.masks = []
        self._active_weight = None
        with torch.no_grad():
            self._products = [
                self._masked(self.use.walked(bits.to(self.weight.dtype)), self.weight)
                for bits in self.opened()
            ]

    def activate(self, aspect: int) -> None:
        super().activate(aspect)
        # Before the passes, which share it, and which are repeated where memory is short.
        spread_out = bool(self.masks) and not self._on_inputs
        self._active_weight = self._masked(self.masks[aspect], self.weight) if spread_out else None

    @property
    def _on_inputs(self) -> bool:
        return self.grid == (1, self.weight.shape[1]) and not self.use.rescaled

    def _masked(self, mask: Tensor, weight: Tensor) -> Tensor:
        """The weight under a mask, rescaled where that is asked for."""
        left = spread(mask, weight)
        return self.use.as_long(left, self._whole) if self.use.rescaled else left

    def opened(self) -> list[Tensor]:
        """For each aspect bool [r, c]: the entries that are open."""
        return [scores.detach() > 0 for scores in self.scores]

    def used(self, aspect: int) -> Tensor:
        """bool [out, in]: the weights that an aspect uses: open, and not pruned away."""
        whole = torch.ones_like(self.weight, dtype=torch.float32)
        open_ = spread(self.opened()[aspect].float(), whole)
        return (open_ > 0) & (self.weight != 0)

    def plain(self, original: nn.Module, aspect: int) -> nn.Module:
        whole = weight_of(original) * (self.weight != 0)
        mask = self.use.walked(self.opened()[aspect].float())
        return with_weight(original, self._masked(mask, whole))

    def forward(self, hidden: Tensor) -> Tensor:
        if self._products:
            return F.linear(hidden, self._products[self._active], self.bias)
        mask = self.masks[self._active]
        if self._on_inputs:
            # On inputs it costs no gradient of the whole weight.
            return F.linear(hidden * mask[0], self.weight, self.bias)
        weight = self._active_weight
        weight = self._masked(mask, self.weight) if weight is None else weight
        return F.linear(hidden, weight, self.bias)

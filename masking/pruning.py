"""Gradual pruning of the frozen weights under the masks, by magnitude or by score."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor

from data.errors import UnknownNameError, UserError
from masking.masks import MaskedLinear
from masking.packed_masks import put_mask

END = 0.5
"""Share of the training steps after which the final sparsity is reached; what is validated and
kept later has all of it."""


def cubic_sparsity(step: int, steps: int, final: float) -> float:
    """Share of the weights that are pruned at a step: `s_f (1 - (1 - t / n)^3)`, then `s_f`.

    Zhu and Gupta 2018, equation 1, from no sparsity at step 0, with n = `END` of all steps.

    Parameters
    ----------
    step : from 0.
    steps : of the whole training; with none the final sparsity holds at once.
    final : s_f, from 0 to below 1.
    """
    passed = min(step / (END * steps), 1.0) if steps else 1.0
    return float(final * (1 - (1 - passed) ** 3))


class Pruner(ABC):
    """Takes weights away from the masked maps, the same for all aspects.

    Parameters
    ----------
    maps : the masked maps; their `weight` is replaced.
    originals : their weights in float32, [out, in] each.
    """

    def __init__(self, maps: list[MaskedLinear], originals: list[Tensor]) -> None:
        self._maps = maps
        self._whole = [masked.weight for masked in maps]
        self._sizes = [weight.abs() for weight in originals]

    @abstractmethod
    def prune(self, sparsity: float) -> None:
        """Take `round(sparsity * entries)` weights away from every map, and no others."""

    @abstractmethod
    def settle(self) -> None:
        """After training: see to it that what is stored says what is pruned."""


class MagnitudePruner(Pruner):
    """Prunes each map's smallest weights.

    Ranks are taken once, from the float32 weights: what is pruned stays pruned while the sparsity
    grows, and ties, which are many in bfloat16, are broken alike on every machine.
    """

    def __init__(self, maps: list[MaskedLinear], originals: list[Tensor]) -> None:
        super().__init__(maps, originals)
        self._ranks = [_ranks(size) for size in self._sizes]
        self._sparsity = 0.0

    def prune(self, sparsity: float) -> None:
        if sparsity == self._sparsity:
            return
        self._sparsity = sparsity
        for masked, whole, ranks in zip(self._maps, self._whole, self._ranks, strict=True):
            masked.weight = whole * (ranks >= round(sparsity * ranks.numel()))

    def settle(self) -> None:
        """Ranks follow from the backbone, so nothing has to be stored."""


class ScorePruner(Pruner):
    """Prunes the weights that are smallest times their score, `|w| max_k s_k` over aspects k.

    What every aspect closes has a score below zero and goes first, then the least `|w s|`. The
    order follows the scores as they are, so a weight may return while others go.

    Raises
    ------
    UserError : masks are coarser than one score for every weight.
    """

    def __init__(self, maps: list[MaskedLinear], originals: list[Tensor]) -> None:
        super().__init__(maps, originals)
        if any(masked.grid != tuple(masked.weight.shape) for masked in maps):
            raise UserError(
                "pruning by score needs a score for every weight; use masked-weights with the "
                "granularity element, or prune by magnitude"
            )

    def prune(self, sparsity: float) -> None:
        for masked, whole, size in zip(self._maps, self._whole, self._sizes, strict=True):
            worth = size * torch.stack([scores.detach() for scores in masked.scores]).amax(0)
            count = round(sparsity * size.numel())
            last = worth.flatten().kthvalue(count).values if count else -math.inf
            masked.weight = whole * (worth > last)

    def settle(self) -> None:
        """Close what is pruned in every mask: masks are stored, and scores are not."""
        for masked in self._maps:
            for scores, open_ in zip(masked.scores, masked.opened(), strict=True):
                put_mask(scores, (open_ & (masked.weight != 0)).cpu())


PRUNERS: dict[str, type[MagnitudePruner] | type[ScorePruner]] = {
    "magnitude": MagnitudePruner,
    "score": ScorePruner,
}


def pruner_of(name: str) -> type[MagnitudePruner] | type[ScorePruner]:
    """What prunes by `magnitude` or by `score`; UnknownNameError for anything else."""
    if name not in PRUNERS:
        raise UnknownNameError("pruning", name, PRUNERS)
    return PRUNERS[name]


def _ranks(sizes: Tensor) -> Tensor:
    """int32 [out, in]: 0 for the smallest."""
    order = sizes.flatten().argsort(stable=True)
    ranks = torch.empty_like(order, dtype=torch.int32)
    ranks[order] = torch.arange(len(order), dtype=torch.int32, device=order.device)
    return ranks.view(sizes.shape)

"""Gradual magnitude pruning of the frozen weights under the masks."""

from __future__ import annotations

import torch
from torch import Tensor

from masking.masks import MaskedLinear

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


class MagnitudePruner:
    """Prunes each map's smallest weights, the same for all aspects.

    Ranks are taken once, from the float32 weights: what is pruned stays pruned while the sparsity
    grows, and ties, which are many in bfloat16, are broken alike on every machine.

    Parameters
    ----------
    maps : the masked maps; their `weight` is replaced.
    originals : their weights in float32, [out, in] each.
    """

    def __init__(self, maps: list[MaskedLinear], originals: list[Tensor]) -> None:
        self._maps = maps
        self._whole = [masked.weight for masked in maps]
        self._ranks = [_ranks(weight) for weight in originals]
        self._sparsity = 0.0

    def prune(self, sparsity: float) -> None:
        """Take the smallest `round(sparsity * entries)` weights away from every map."""
        if sparsity == self._sparsity:
            return
        self._sparsity = sparsity
        for masked, whole, ranks in zip(self._maps, self._whole, self._ranks, strict=True):
            masked.weight = whole * (ranks >= round(sparsity * ranks.numel()))


def _ranks(weight: Tensor) -> Tensor:
    """int32 [out, in]: 0 for the smallest magnitude."""
    order = weight.abs().flatten().argsort(stable=True)
    ranks = torch.empty_like(order, dtype=torch.int32)
    ranks[order] = torch.arange(len(order), dtype=torch.int32, device=order.device)
    return ranks.view(weight.shape)

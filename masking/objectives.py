"""The objectives that belong to masks alone: how much they overlap, how many entries are open."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import torch
from torch import Tensor

from masking.masks import Estimator, MaskedLinear


def overlap_loss(layers: Sequence[Sequence[MaskedLinear]]) -> Tensor:
    """`L_ovl` (Zhang et al. 2021, section 3): mean of `1[M_a + M_b > 1]`, summed over layers.

    For binary masks the indicator is the product `M_a * M_b`, which carries the straight-through
    gradient to both; for draws of the hard concrete distribution the product stands in for it.
    With more than two aspects, the mean over their pairs.

    Parameters
    ----------
    layers : for each masked layer, its masked maps, with masks drawn.

    Returns
    -------
    A scalar between 0 and the number of layers.
    """
    total = torch.zeros(())
    for maps in layers:
        overlap, entries = torch.zeros(()), 0
        for masked in maps:
            for first, second in combinations(masked.masks, 2):
                overlap = overlap + (first * second).sum(dtype=torch.float32)
                entries += first.numel()
        total = total + overlap / max(entries, 1)
    return total


def openness_loss(layers: Sequence[Sequence[MaskedLinear]], estimator: Estimator) -> Tensor:
    """Expected share of open mask entries, mean over aspects, summed over layers.

    The L0 penalty of Louizos et al. 2018, equation 9, divided by the number of entries; with
    straight-through masks the share that is open now.

    Returns
    -------
    A scalar between 0 and the number of layers.
    """
    total = torch.zeros(())
    for maps in layers:
        scores = [scores for masked in maps for scores in masked.scores]
        opened = torch.stack([estimator.openness(part).sum() for part in scores]).sum()
        total = total + opened / max(sum(part.numel() for part in scores), 1)
    return total

"""The objective that belongs to masks alone: how much the aspects' masks overlap."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import torch
from torch import Tensor

from masking.masks import MaskedLinear, binary_mask


def overlap_loss(layers: Sequence[Sequence[MaskedLinear]]) -> Tensor:
    """`L_ovl` (Zhang et al. 2021, section 3): mean of `1[M_a + M_b > 1]`, summed over layers.

    For binary masks the indicator is the product `M_a * M_b`, which carries the straight-through
    gradient to both. With more than two aspects, the mean over their pairs.

    Parameters
    ----------
    layers : for each masked layer, its masked maps.

    Returns
    -------
    A scalar between 0 and the number of layers.
    """
    total = torch.zeros(())
    for maps in layers:
        overlap, entries = torch.zeros(()), 0
        for masked in maps:
            masks = [binary_mask(scores) for scores in masked.scores]
            for first, second in combinations(masks, 2):
                overlap = overlap + (first * second).sum(dtype=torch.float32)
                entries += first.numel()
        total = total + overlap / max(entries, 1)
    return total

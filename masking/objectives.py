"""The objectives of masks alone: overlap, open entries, and a guard against collapse."""

import math
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


PRECISION = 0.5
"""Squared distance eps^2 up to which rows are told apart (Basu Roy Chowdhury et al. 2023)."""


def coding_rate(vectors: Tensor) -> Tensor:
    """`R(Z) = 1/2 log2 det(I + d / (n eps^2) Z'Z)` of rows brought to unit length, in bits.

    How many directions a set of vectors fills (Yu et al. 2020, equation 2).

    Parameters
    ----------
    vectors : float [n, d].
    """
    rows, width = vectors.shape
    unit = torch.nn.functional.normalize(vectors.float(), dim=1)
    # The determinant with Z Z' is the same, and there are fewer rows than units.
    gram = torch.eye(rows, device=unit.device) + width / (rows * PRECISION) * unit @ unit.T
    return 0.5 * torch.logdet(gram) / math.log(2)


def coding_rate_gap(vectors: Tensor, untuned: Tensor) -> Tensor:
    """`|R(Z) - R(X)|`: what vectors lose, or gain, of what the untuned ones fill (KRaM)."""
    return (coding_rate(vectors) - coding_rate(untuned)).abs()

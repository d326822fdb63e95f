"""Whether rows that were near one another still are."""

import numpy as np

from data.rows import IntArray
from harness.evaluation.retention.centring import Floats, Vectors, centred

NEIGHBOURS = 10

BLOCK_NUMBERS = 4_000_000
"""Distances held at once."""

TIE = 2.0**-40
"""Squared distances that differ by less than this share of the mean squared length are equal.

The order of a sum changes its last bits, and ties must not hang on that.
"""


def neighbour_count(groups: IntArray) -> int:
    """How many neighbours each row has: 10, or as many as rows outside of the largest group."""
    return min(NEIGHBOURS, len(groups) - int(np.bincount(groups).max()))


def neighbours(vectors: Vectors, groups: IntArray) -> IntArray:
    """int64 [n, k]: each row's nearest rows of other groups, by Euclidean distance, in row order.

    Of rows at one distance, those with the lower numbers come first. Distances of `vectors`
    [n, width] are computed for a block of rows at a time: 20,000 rows take less than 500 MB.
    `groups` are int64 [n], numbered from 0; a row's own group is left out.
    """
    x, k = centred(vectors), neighbour_count(groups)
    squares = np.einsum("ij,ij->i", x, x)
    unit = TIE * squares.mean() or 1.0
    found = np.zeros((len(x), k), dtype=np.int64)
    step = max(1, BLOCK_NUMBERS // len(x))
    for start in range(0, len(x), step) if k else ():
        rows = slice(start, start + step)
        distances = squares[rows, None] + squares - 2 * (x[rows] @ x.T)
        distances = np.rint(distances / unit)
        distances[groups[rows, None] == groups] = np.inf
        found[rows] = _lowest(distances, k)
    return found


def kept_of_rows(first: IntArray, second: IntArray) -> Floats:
    """float64 [n]: the share of each row's neighbours in one space that are so in the other."""
    shared = (first[:, :, None] == second[:, None, :]).sum(axis=(1, 2))
    return np.asarray(shared / first.shape[1], dtype=np.float64)


def neighbours_chance(groups: IntArray) -> float:
    """What unrelated vectors keep: k / (n - 1), or more where groups are left out."""
    others = len(groups) - np.bincount(groups)[groups]
    return float((neighbour_count(groups) / others).mean())


def _lowest(distances: Floats, k: int) -> IntArray:
    """int64 [rows, k]: columns of the k lowest values of each row, ascending; ties by column."""
    kth = np.partition(distances, k - 1, axis=1)[:, k - 1 : k]
    chosen, level = distances < kth, distances == kth
    wanted = k - chosen.sum(axis=1)
    tied = np.flatnonzero(level.sum(axis=1) > wanted)
    level[tied] &= np.cumsum(level[tied], axis=1) <= wanted[tied, None]
    return np.nonzero(chosen | level)[1].reshape(-1, k)

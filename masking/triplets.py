"""Triplets (x0, x1, x2) of texts: x0 and x1 share one aspect, x0 and x2 the other.

With labels, training compares all triplets of a batch at once
(`harness.training.objectives.triplet_loss`); the functions here draw explicit ones, where there are
labels of pairs or groups alone. Both take time and memory in proportion to the number of texts, so
that whole corpora can be drawn from.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from data.errors import UserError
from data.rows import IntArray


def from_labels(
    labels: Mapping[str, IntArray],
    shared_first: str,
    shared_second: str,
    *,
    count: int,
    random: np.random.Generator,
) -> IntArray:
    """Positions of triplets drawn from label cells.

    Parameters
    ----------
    labels : for each aspect int64 [n].
    shared_first : the aspect that x0 and x1 share, and in which x2 differs.
    shared_second : the aspect that x0 and x2 share, and in which x1 differs.
    count : how many triplets.

    Returns
    -------
    int64 [count, 3].

    Raises
    ------
    UserError : no row has both partners.
    """
    first, second = labels[shared_first], labels[shared_second]
    return _drawn(_Partners(first, second), _Partners(second, first), count, random)


def from_groups(groups: IntArray, *, count: int, random: np.random.Generator) -> IntArray:
    """Positions of triplets whose x0 and x1 stand in one group and x2 in another.

    Parameters
    ----------
    groups : int64 [n], such as the number of the image that a caption describes.
    count : how many triplets.

    Returns
    -------
    int64 [count, 3].

    Raises
    ------
    UserError : no group has two rows, or there is one group alone.
    """
    itself, everything = np.arange(len(groups)), np.zeros(len(groups), dtype=np.int64)
    return _drawn(_Partners(groups, itself), _Partners(everything, groups), count, random)


class _Partners:
    """For every row, the rows that agree with it in one code and differ from it in another.

    Sorted by both codes these rows are one block, that of the first code, with a gap in it, the
    rows that agree in both.

    Parameters
    ----------
    same, other : int64 [n], not negative.
    """

    def __init__(self, same: IntArray, other: IntArray) -> None:
        span = int(other.max(initial=0)) + 1
        keys = same * span + other
        self._order: IntArray = np.argsort(keys, kind="stable")
        ranked = keys[self._order]
        self._start = np.searchsorted(ranked, same * span)
        self._gap = np.searchsorted(ranked, keys)
        self._gap_size = np.searchsorted(ranked, keys, side="right") - self._gap
        stop = np.searchsorted(ranked, (same + 1) * span)
        self.count: IntArray = stop - self._start - self._gap_size

    def pick(self, rows: IntArray, random: np.random.Generator) -> IntArray:
        """One partner for each of these rows, all its partners being equally likely."""
        place = self._start[rows] + random.integers(self.count[rows])
        behind = place >= self._gap[rows]
        picked: IntArray = self._order[place + np.where(behind, self._gap_size[rows], 0)]
        return picked


def _drawn(
    positive: _Partners, negative: _Partners, count: int, random: np.random.Generator
) -> IntArray:
    anchors = np.flatnonzero((positive.count > 0) & (negative.count > 0))
    if not len(anchors):
        raise UserError(
            "no row has a partner that shares the one aspect alone and one that shares the other "
            "alone; give rows of more cells, or groups of two rows or more"
        )
    picked = random.choice(anchors, size=count)
    return np.column_stack([picked, positive.pick(picked, random), negative.pick(picked, random)])

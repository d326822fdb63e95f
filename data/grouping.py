"""Choosing whole groups that hold enough rows of each cell and leave enough behind.

Groups and their cells are held as the pairs that occur: a hundred thousand groups of one row
in a thousand cells take as little as their rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.rows import IntArray

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class GroupCells:
    """How many rows of each cell each group has, where it has any.

    Attributes
    ----------
    groups, cells, rows : int64 [m]; so many rows of this cell are in this group, by group and cell.
    first : int64 [groups + 1]: where the pairs of each group begin.
    total : int64 [cells], rows in all groups together.
    """

    groups: IntArray
    cells: IntArray
    rows: IntArray
    first: IntArray
    total: IntArray

    @classmethod
    def of(cls, groups: IntArray, cells: IntArray, shape: tuple[int, int]) -> GroupCells:
        """From the group and the cell of each row; `shape` is how many there are of both."""
        pairs, rows = np.unique(groups * shape[1] + cells, return_counts=True)
        held = pairs // shape[1]
        return cls(
            groups=held,
            cells=pairs % shape[1],
            rows=rows.astype(np.int64),
            first=np.searchsorted(held, np.arange(shape[0] + 1)),
            total=np.bincount(cells, minlength=shape[1]).astype(np.int64),
        )

    def pairs(self, group: int) -> slice:
        """Where a group's pairs are."""
        return slice(self.first[group], self.first[group + 1])

    def by_cell(self) -> list[IntArray]:
        """The groups that have rows of each cell, ascending."""
        order = np.argsort(self.cells, kind="stable")
        bounds = np.searchsorted(self.cells[order], np.arange(1, len(self.total)))
        return np.split(self.groups[order], bounds)


def chosen_groups(
    gain: GroupCells, loss: GroupCells, need: IntArray, keep: IntArray, rng: np.random.Generator
) -> BoolArray | None:
    """bool [groups], or None where this random order does not lead to a choice.

    The scarcest cell is filled first, from groups in random order, and a group is skipped when
    the rest could not do without it: that way few rows of a scarce cell go to waste.

    Parameters
    ----------
    gain : rows that a chosen group gives.
    loss : rows that the rest loses with it.
    need : int64 [cells], rows that the chosen groups must give.
    keep : int64 [cells], rows that must stay with the rest.
    """
    spare = loss.total - keep
    if (spare < 0).any():
        return None
    taken = np.zeros(len(gain.first) - 1, dtype=np.bool_)
    have = np.zeros_like(need)
    rank = np.argsort(rng.permutation(len(taken)))
    holders = gain.by_cell()
    for cell in np.argsort(spare - need, kind="stable"):
        free = holders[cell][~taken[holders[cell]]]
        for group in free[np.argsort(rank[free])]:
            if have[cell] >= need[cell]:
                break
            lost = loss.pairs(group)
            if (loss.rows[lost] <= spare[loss.cells[lost]]).all():
                taken[group] = True
                spare[loss.cells[lost]] -= loss.rows[lost]
                gained = gain.pairs(group)
                have[gain.cells[gained]] += gain.rows[gained]
        if have[cell] < need[cell]:
            return None
    return taken

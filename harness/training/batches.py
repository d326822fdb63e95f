"""Training batches: the same number of rows from every cell, or whole triplets."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from data.rows import IntArray, Rows


class CellBatches:
    """Endless batches drawn evenly over the cells that have rows.

    Every cell is walked through in shuffled order and shuffled again when it is used up, so a
    small cell is seen more often and no row is seen twice before the others of its cell.

    Parameters
    ----------
    rows : training rows.
    size : rows a batch, rounded to a multiple of the number of cells and at least one a cell.
    seed : of the order.
    """

    def __init__(self, rows: Rows, size: int, *, seed: int) -> None:
        random = np.random.default_rng(seed)
        self._labels = {name: torch.from_numpy(codes) for name, codes in rows.labels.items()}
        cells = [np.flatnonzero(rows.cells == cell) for cell in np.unique(rows.cells)]
        self._per_cell = max(round(size / len(cells)), 1)
        self._walks = [shuffled(cell, random) for cell in cells]

    def draw(self) -> tuple[IntArray, dict[str, Tensor]]:
        """Positions of the next batch's rows, and for each aspect their labels, int64 [rows]."""
        index = np.concatenate(
            [[next(walk) for _ in range(self._per_cell)] for walk in self._walks]
        ).astype(np.int64)
        return index, {name: codes[index] for name, codes in self._labels.items()}


class TripletBatches:
    """Endless batches of triplets, all of them seen before one is seen again.

    Parameters
    ----------
    count : how many triplets there are; their texts stand x0 first, then x1, then x2.
    size : texts a batch, rounded down to whole triplets and at least one.
    seed : of the order.
    """

    def __init__(self, count: int, size: int, *, seed: int) -> None:
        self._count = count
        self._size = max(size // 3, 1)
        self._order = shuffled(count, np.random.default_rng(seed))

    def draw(self) -> IntArray:
        """Positions of the next batch's texts, int64 [3 triplets]: every x0, every x1, every x2."""
        picked = np.array([next(self._order) for _ in range(self._size)], dtype=np.int64)
        return np.concatenate([picked, picked + self._count, picked + 2 * self._count])


def shuffled(rows: IntArray | int, random: np.random.Generator) -> Iterator[int]:
    """These numbers, or those below a number, in random order over and over."""
    while True:
        yield from random.permutation(rows)

"""Training batches with the same number of rows from every cell."""

from __future__ import annotations

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
        self._random = np.random.default_rng(seed)
        self._labels = {name: torch.from_numpy(codes) for name, codes in rows.labels.items()}
        cells = [np.flatnonzero(rows.cells == cell) for cell in np.unique(rows.cells)]
        self._per_cell = max(round(size / len(cells)), 1)
        self._walks = [self._walk(cell) for cell in cells]

    def draw(self) -> tuple[IntArray, dict[str, Tensor]]:
        """Positions of the next batch's rows, and for each aspect their labels, int64 [rows]."""
        index = np.concatenate(
            [[next(walk) for _ in range(self._per_cell)] for walk in self._walks]
        ).astype(np.int64)
        return index, {name: codes[index] for name, codes in self._labels.items()}

    def _walk(self, cell: IntArray) -> Iterator[int]:
        while True:
            yield from self._random.permutation(cell)

"""Codes of texts as variables, continuous and categorical ones by the same rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.rows import IntArray

FloatArray = NDArray[np.float64]

DEAD = 0.01
"""Variance of its mean up to which a variable is dead, as for active units (Burda et al. 2016)."""

BINS = 20
"""Of equal width, into which a continuous variable is cut where its values are counted."""


@dataclass(frozen=True)
class Codes:
    """The live variables of a code; one of zeros where all are dead.

    Attributes
    ----------
    names : of the variables, by their place in the whole code.
    columns : float64 [n, width]: a continuous variable in units of its deviation, a categorical one
        as a column of zeros and ones for each value.
    owners : int64 [width], the variable of each column, ascending.
    values : int64 [n, variables], categories, or bins of continuous variables.
    """

    names: tuple[str, ...]
    columns: FloatArray
    owners: IntArray
    values: IntArray

    @classmethod
    def of(cls, means: FloatArray, blocks: Sequence[int], *, dead: float = DEAD) -> Codes:
        """The code whose variables are blocks of columns.

        A block of one column is continuous. A wider one is categorical, its columns probabilities
        of the values, of which the likeliest is taken. Its variance is that of all its columns
        together, which for certain values is the Gini impurity.

        `means`: [n, sum of blocks]. `dead`: the variance up to which a variable is left out;
        constant ones always are.
        """
        names: list[str] = []
        columns: list[FloatArray] = []
        values: list[IntArray] = []
        for place, part in enumerate(np.split(means, np.cumsum(blocks)[:-1], axis=1)):
            if part.var(0).sum() <= dead:
                continue
            if part.shape[1] > 1:
                kept, value = np.unique(part.argmax(1), return_inverse=True)
                column = np.eye(len(kept))[value]
                if len(kept) == 1:
                    continue
            else:
                column = (part - part.mean(0)) / part.std(0)
                edges = np.linspace(column.min(), column.max(), BINS + 1)[1:-1]
                value = np.digitize(column[:, 0], edges)
            names.append(f"z{place + 1}")
            columns.append(column)
            values.append(value)
        if not names:
            nothing = np.zeros((len(means), 1))
            return cls(("none",), nothing, np.zeros(1, np.int64), nothing.astype(np.int64))
        owners = np.repeat(np.arange(len(names)), [column.shape[1] for column in columns])
        return cls(tuple(names), np.hstack(columns), owners, np.stack(values, axis=1))

    def distances(self, first: IntArray, second: IntArray) -> FloatArray:
        """Mean distance of pairs in each variable; of categories twice the share that differ.

        `first`, `second`: rows, [points, pairs] each. Gives [points, variables].
        """
        pairs = zip(first, second, strict=True)
        return self._summed([np.abs(self.columns[a] - self.columns[b]).mean(0) for a, b in pairs])

    def spreads(self, rows: IntArray) -> FloatArray:
        """Variance, or Gini impurity of categories, of each variable among rows.

        `rows`: [points, rows of each]. Gives [points, variables].
        """
        return self._summed([self.columns[some].var(0) for some in rows])

    def _summed(self, points: list[FloatArray]) -> FloatArray:
        """From each column to each variable."""
        starts = np.searchsorted(self.owners, np.arange(len(self.names)))
        return np.asarray(np.add.reduceat(np.stack(points), starts, axis=1))

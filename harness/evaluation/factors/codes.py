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
    columns : float64 [n, width], what classifiers are given: a continuous variable in units of its
        deviation, a categorical one as a column for each value.
    owners : int64 [width], the variable of each column.
    values : int64 [n, variables], categories, or bins of continuous variables.
    numbers : float64 [n, variables], the continuous variables' columns, and the categories.
    categorical : bool [variables].
    """

    names: tuple[str, ...]
    columns: FloatArray
    owners: IntArray
    values: IntArray
    numbers: FloatArray
    categorical: NDArray[np.bool_]

    @classmethod
    def of(cls, means: FloatArray, blocks: Sequence[int], *, dead: float = DEAD) -> Codes:
        """The code whose variables are blocks of columns.

        A block of one column is continuous. A wider one is categorical, its columns probabilities
        of the values, of which the likeliest is taken. Its variance is that of all its columns
        together, which for certain values is the Gini impurity.

        `means`: [n, sum of blocks]. `dead`: the variance up to which a variable is left out;
        constant ones always are.
        """
        names, columns, owners, values, numbers, categorical = [], [], [], [], [], []
        for place, part in enumerate(np.split(means, np.cumsum(blocks)[:-1], axis=1)):
            likeliest = part.argmax(1)
            constant = part.shape[1] > 1 and bool((likeliest == likeliest[0]).all())
            if constant or part.var(0).sum() <= dead:
                continue
            if part.shape[1] > 1:
                kept, number = np.unique(likeliest, return_inverse=True)
                column = np.eye(len(kept))[number]
                values.append(number)
                numbers.append(number.astype(np.float64))
            else:
                column = (part - part.mean(0)) / part.std(0)
                edges = np.linspace(column.min(), column.max(), BINS + 1)[1:-1]
                values.append(np.digitize(column[:, 0], edges))
                numbers.append(column[:, 0])
            owners += [len(names)] * column.shape[1]
            names.append(f"z{place + 1}")
            columns.append(column)
            categorical.append(part.shape[1] > 1)
        if not names:
            nothing = np.zeros((len(means), 1))
            flat = nothing.astype(np.int64)
            return cls(("none",), nothing, np.zeros(1, np.int64), flat, nothing, np.zeros(1, bool))
        return cls(
            tuple(names),
            np.hstack(columns),
            np.array(owners),
            np.stack(values, axis=1),
            np.stack(numbers, axis=1),
            np.array(categorical),
        )

    def distances(self, first: IntArray, second: IntArray) -> FloatArray:
        """Between rows, in each variable: of continuous values, or 1 where categories differ."""
        found = np.abs(self.numbers[first] - self.numbers[second])
        return np.where(self.categorical, found > 0, found)

    def spreads(self, rows: IntArray) -> FloatArray:
        """Variance, or Gini impurity of categories, of each variable among rows.

        `rows`: [points, rows of each]. Gives [points, variables].
        """
        found = self.numbers[rows].var(1)
        for place in np.flatnonzero(self.categorical):
            counts = np.apply_along_axis(
                np.bincount, 1, self.values[rows, place], minlength=self.values[:, place].max() + 1
            )
            found[:, place] = 1 - ((counts / rows.shape[1]) ** 2).sum(1)
        return found

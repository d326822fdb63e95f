"""Which training step's masks are kept.

The rule: the last step's, unless masks checked earlier have a clearly higher

    score = mean target accuracy - mean leakage

on the validation rows; then the best of them. Clearly means at the 5% level of a one-sided Student
test of the difference, paired over rows and clustered by their groups: validation rows are drawn
from training data alone and are few, and the smallest cells stand on a handful of films. The rows
are as correlated as the training rows, so a probe could find the other aspect through its own:
every cell therefore weighs the same, when probes are fitted and when they are scored.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from data.errors import UserError
from data.rows import Rows
from harness.evaluation.probes import FIXED_C, Fold, correct_at, group_folds
from harness.training.schedule import COOL

FloatArray = NDArray[np.float64]

LEVEL = 0.05
"""Of the test that an earlier step is better than the last."""


def check_steps(steps: int, checks: int) -> frozenset[int]:
    """The steps, counted from 1, after which masks are checked; the last one always among them.

    They stand at equal distances over the part of the training in which the rate falls and masks
    come to rest; before it a good check is a passing one.
    """
    start = (1 - COOL) * steps
    spaced = (start + (steps - start) * (i + 1) / max(checks, 1) for i in range(checks))
    return frozenset({round(step) for step in spaced} | {steps})


class ValidationScore:
    """Target accuracy minus leakage of cross-fitted linear probes, every cell weighing the same.

    Parameters
    ----------
    rows : validation rows.
    seed : of the folds.

    Attributes
    ----------
    folds : fitted on and scored on; empty where there are too few rows to cross-fit.
    """

    def __init__(self, rows: Rows, *, seed: int) -> None:
        self.rows = rows
        counts = np.bincount(rows.cells, minlength=1)
        self._weights = 1.0 / counts[rows.cells]
        try:
            self.folds: tuple[Fold, ...] = group_folds(rows, seed=seed)
        except UserError:
            # Too few rows to cross-fit: nothing can be chosen, and the last step stands.
            self.folds = ()

    def __call__(self, vectors: Mapping[str, NDArray[np.float32]]) -> FloatArray:
        """The score of a set of representations, row by row.

        Parameters
        ----------
        vectors : for each aspect float32 [rows, width], the representation for it.

        Returns
        -------
        float64 [rows], between -1 and 1; their `mean` is the score.
        """
        target: list[FloatArray] = []
        leakage: list[FloatArray] = []
        for aspect, features in vectors.items():
            for factor in vectors:
                found = self._right(features, factor)
                (target if factor == aspect else leakage).append(found)
        score: FloatArray = np.mean(target, axis=0)
        return score - np.mean(leakage, axis=0) if leakage else score

    def mean(self, rows: FloatArray) -> float:
        """Mean over rows, every cell weighing the same."""
        return float(np.average(rows, weights=self._weights))

    def clearly_better(self, rows: FloatArray, others: FloatArray) -> bool:
        """Whether the mean of `rows` is above that of `others` at the 5% level.

        The standard error of a mean over cells, rows of one group counting as one observation, is
        `sqrt(sum over cells of sum over groups of (sum of deviations)^2 / rows^2) / cells`;
        Student's degrees of freedom are those of the cell with the fewest groups.
        """
        gain = rows - others
        groups = np.unique(self.rows.groups, return_inverse=True)[1]
        variance, fewest = 0.0, len(groups)
        cells = np.unique(self.rows.cells)
        for cell in cells:
            there = self.rows.cells == cell
            deviations = gain[there] - gain[there].mean()
            sums = np.bincount(groups[there], weights=deviations)
            variance += float((sums**2).sum()) / int(there.sum()) ** 2
            fewest = min(fewest, len(np.unique(groups[there])))
        if fewest < 2:
            return False
        needed = float(student.ppf(1 - LEVEL, fewest - 1)) * np.sqrt(variance) / len(cells)
        return bool(self.mean(gain) > needed)

    def _right(self, features: NDArray[np.float32], factor: str) -> FloatArray:
        labels = self.rows.labels[factor]
        return correct_at(FIXED_C, features, labels, self.folds, weights=self._weights).astype(
            np.float64
        )

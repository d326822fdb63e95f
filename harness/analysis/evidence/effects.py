"""The effect of a paired comparison: its estimate, interval, tests, and what it could have shown.

A trial's score is a mean over evaluation rows, and two methods under one seed are measured on the
same training draw and the same rows, so what is compared are the differences D of a task and a
seed, each a mean over paired rows. D varies for two reasons that are nested in each other: another
seed gives another draw of training rows and another fit, and within a seed other evaluation rows
would have been correct. The spread of D over seeds holds both, so a task's mean has the
variance `s^2 / S`, Student's, with S - 1 degrees of freedom; tasks count alike and are taken as
they are, not as a sample of tasks, so variances add up to `v = sum of s_t^2 / S_t / T^2`, with
Satterthwaite's degrees of freedom `v^2 / sum of v_t^2 / (S_t - 1)`. Rows alone are looked at where
one seed is all there is: their interval is shown, but since it cannot know what another seed would
do, nothing is decided on it. Evaluation rows of different seeds are drawn from one pool, and may
be the same where the pool is small: intervals speak of new seeds on that pool.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite, nan, sqrt

import numpy as np
from scipy.special import ndtri, stdtr, stdtrit

from harness.analysis.metrics import Condition
from harness.analysis.statistics import FloatArray, Interval

POWER = 0.8
"""Probability with which a detectable effect would have been found."""


@dataclass(frozen=True)
class Sample:
    """The paired differences of one task.

    Attributes
    ----------
    condition : where they were measured.
    seeds, values : each seed and its difference.
    rows : evaluation rows behind them, of all seeds together; 0 where rows were not kept.
    row_error : standard error of the mean over seeds that comes from rows alone; nan as above.
    """

    condition: Condition
    seeds: tuple[int, ...]
    values: tuple[float, ...]
    rows: int = 0
    row_error: float = nan

    @property
    def mean(self) -> float:
        """Mean over seeds."""
        return float(np.mean(self.values))

    @property
    def variance(self) -> float:
        """Variance of the mean over seeds; nan with one seed."""
        if len(self.values) < 2:
            return nan
        return float(np.var(self.values, ddof=1)) / len(self.values)


@dataclass(frozen=True)
class Effect:
    """A mean difference over tasks.

    Attributes
    ----------
    mean : the estimate.
    error : its standard error; nan where nothing is known of it.
    freedom : degrees of freedom of Student's distribution; infinite where rows alone speak.
    samples : the tasks behind it.
    of_rows : whether there is one seed alone, so that the error is that of the rows.
    """

    mean: float
    error: float
    freedom: float
    samples: tuple[Sample, ...]
    of_rows: bool

    @property
    def interval(self) -> Interval:
        """The 95% interval; of the rows alone with one seed."""
        if not isfinite(self.error):
            return Interval(self.mean)
        reach = _quantile(self.freedom, 0.975) * self.error
        return Interval(self.mean, self.mean - reach, self.mean + reach)

    @property
    def detectable(self) -> float:
        """The smallest effect that is found four times of five at the 5% level; nan if unknown.

        `(t(.975) + t(.8)) SE`, the normal design formula with Student's quantiles. With one seed
        nothing can be found, however large.
        """
        if self.of_rows or not isfinite(self.error):
            return nan
        return (_quantile(self.freedom, 0.975) + _quantile(self.freedom, POWER)) * self.error

    @property
    def seeds(self) -> int:
        """Pairs of trials behind it, over all tasks."""
        return sum(len(sample.values) for sample in self.samples)

    @property
    def rows(self) -> int:
        """Pairs of evaluation rows behind it, over all trials; 0 where none were kept."""
        return sum(sample.rows for sample in self.samples)

    def p_above(self, threshold: float) -> float:
        """One-sided p-value that the true effect is no more than the threshold; nan with one seed.

        Small where the effect lies above.
        """
        return self._tail(self.mean - threshold)

    def p_below(self, threshold: float) -> float:
        """One-sided p-value that the true effect is no less than the threshold, as `p_above`."""
        return self._tail(threshold - self.mean)

    def _tail(self, distance: float) -> float:
        if self.of_rows or not isfinite(self.error):
            return nan
        if self.error == 0:
            return 0.0 if distance > 0 else 1.0
        return float(stdtr(self.freedom, -distance / self.error))


def pooled(samples: Sequence[Sample]) -> Effect:
    """The mean effect over tasks, each counting alike.

    Tasks with one seed are left out where others have more, since nothing is known of their error.

    Raises
    ------
    ValueError : no samples, or one without values.

    Source: Student (1908); Satterthwaite (1946), An approximate distribution of estimates of
    variance components.
    """
    if not samples or any(not sample.values for sample in samples):
        raise ValueError("an effect needs at least one task, and a seed in every task")
    repeated = tuple(sample for sample in samples if len(sample.values) > 1)
    used = repeated or tuple(samples)
    mean = float(np.mean([sample.mean for sample in used]))
    if not repeated:
        error = sqrt(sum(sample.row_error**2 for sample in used)) / len(used)
        return Effect(mean, error, inf, used, of_rows=True)
    shares = [sample.variance / len(used) ** 2 for sample in used]
    total = sum(shares)
    weights = [
        share**2 / (len(sample.values) - 1) for share, sample in zip(shares, used, strict=True)
    ]
    # The squares of tiny shares may vanish where the shares themselves do not.
    known = total > 0 and sum(weights) > 0
    freedom = total**2 / sum(weights) if known else float(len(used[0].values) - 1)
    return Effect(mean, sqrt(total), freedom, used, of_rows=False)


def row_error(differences: Sequence[FloatArray]) -> float:
    """Standard error, from rows alone, of the mean over seeds of means over rows.

    Parameters
    ----------
    differences : for each seed float [rows], two rows or more.
    """
    variances = [float(np.var(rows, ddof=1)) / len(rows) for rows in differences]
    return sqrt(sum(variances)) / len(variances)


def _quantile(freedom: float, level: float) -> float:
    return float(ndtri(level)) if freedom == inf else float(stdtrit(freedom, level))

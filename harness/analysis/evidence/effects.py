"""The one rule of inference, behind marks, verdicts and `compare`: a paired effect and its error.

Two methods under one seed are fitted on the same training draw and evaluated on the same rows, so
what is compared are the differences d of their evaluation rows, and the effect D is the mean over
seeds of each seed's mean. It varies for two reasons. Another seed gives another draw and another
fit. Other films (where rows have no groups: other rows) would have been easier or harder, and the
seeds cannot show it as far as they share films: their evaluation rows come from one pool. So the
variance is clustered both ways: each difference is centred within its cell over all seeds, r,
weighted with w = 1 / (S n) for S seeds of n rows, and summed up by seed, by group, and by both:
`V = m / (m - 1) (sum of seeds^2 + sum of groups^2 - sum of both^2)`, m the smaller number of seeds
and groups. The first sum alone is Student's `s^2 / S`; the other two add what shared groups do to
all seeds at once, and cancel out where no group stands in two seeds. Where V is not positive, the
larger of the two one-way variances stands for it. The seeds' part v of V is known from S seeds, the
rest from G groups, so the critical value is Cochran and Cox's (1957),
`(v t(S - 1) + (V - v) t(G - 1)) / V`, with t the quantiles of Student's distributions: that of
S - 1 degrees of freedom where groups add nothing. With Satterthwaite's degrees of freedom, a v that
comes out small by chance makes V and the critical value too small at once, most of all in the tails
that corrections for many comparisons read.

One factor m / (m - 1) for all three sums, the smallest of their own, keeps V without bias: centring
takes from the seeds' sum what groups do to all of them. `docs/statistics.md` has the simulated
sizes, also with m - 1 and with Satterthwaite's degrees of freedom.

Metrics that are no means over rows have the first sum alone, and so have rows whose groups were not
stored: each then counts as a group of one seed. One seed shows the interval of its rows, clustered
by group, and decides nothing; nor does a comparison in which nothing varies. Tasks are not pooled:
each is a comparison of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import exp, isfinite, log, nan, sqrt
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import nctdtrinc, stdtr, stdtrit

from harness.analysis.metrics import Condition
from harness.analysis.statistics import FloatArray, Interval

LEVEL = 0.05
"""Two-sided level of every comparison, after its correction."""

POWER = 0.8
"""Probability with which a detectable effect is found."""

IntArray = NDArray[np.int64]

_ROUNDING = 1e-12
"""Errors below this share of the values are those of their last digits."""

_LEAST_TAIL = 1e-300
_SLACK = 1e-6
"""Of logarithms of tails, far above their rounding."""


@dataclass(frozen=True, eq=False)
class Clusters:
    """What the evaluation rows of some seeds belong to, seed after seed.

    `sizes` has the rows of each seed, `cells` the cell of each row, int64 [n], and `groups` numbers
    from 0 on, int64 [n], equal where two rows, of any seeds, belong to one group.
    """

    sizes: tuple[int, ...]
    cells: IntArray
    groups: IntArray

    @classmethod
    def of(cls, cells: Sequence[IntArray], groups: Sequence[IntArray]) -> Self:
        """From the cells and the groups of each seed's rows, groups numbered in any way."""
        codes = np.unique(np.concatenate(groups), return_inverse=True)[1]
        return cls(tuple(map(len, cells)), np.concatenate(cells), codes)

    @cached_property
    def shape(self) -> tuple[int, int]:
        """Seeds and groups."""
        return len(self.sizes), int(self.groups.max(initial=-1)) + 1

    @cached_property
    def shared(self) -> bool:
        """Whether any group stands in two seeds."""
        return len(np.unique(self._places)) > self.shape[1]

    @cached_property
    def _places(self) -> IntArray:
        return np.repeat(np.arange(self.shape[0]), self.sizes) * self.shape[1] + self.groups

    @cached_property
    def _weights(self) -> FloatArray:
        """float [n]: seeds count alike, and so do the rows of a seed."""
        return np.repeat(1.0 / (len(self.sizes) * np.array(self.sizes)), self.sizes)

    @cached_property
    def _cell_weights(self) -> FloatArray:
        return np.maximum(np.bincount(self.cells, self._weights), np.finfo(np.float64).tiny)

    def sums(self, values: FloatArray) -> FloatArray:
        """float [seeds, groups]: values centred within their cells, weighted and summed up.

        Linear in the values, float [n], so those of a difference are the difference of those.
        """
        means = np.bincount(self.cells, self._weights * values) / self._cell_weights
        centred = self._weights * (values - means[self.cells])
        seeds, groups = self.shape
        summed = np.bincount(self._places, centred, minlength=seeds * groups)
        return np.asarray(summed.reshape(seeds, groups))


@dataclass(frozen=True)
class Effect:
    """The difference of two methods in one condition.

    Attributes
    ----------
    seeds, values : each seed and its difference.
    error : standard error of their mean; nan where nothing is known of it, 0 where nothing varies.
    freedom : degrees of freedom of the seeds' part of its square.
    rows : pairs of evaluation rows behind it, of all seeds; 0 where rows were not kept.
    shared : share of the square of `error` that shared groups add, 0 to 1.
    shared_freedom : degrees of freedom of that share.
    """

    condition: Condition
    seeds: tuple[int, ...]
    values: tuple[float, ...]
    error: float
    freedom: float
    rows: int = 0
    shared: float = 0.0
    shared_freedom: float = 1.0

    @property
    def mean(self) -> float:
        """The estimate."""
        return sum(self.values) / len(self.values)

    @property
    def decides(self) -> bool:
        """Whether it can be tested: there are two seeds or more, and something varies."""
        return len(self.seeds) > 1 and isfinite(self.error) and self.error > 0

    @property
    def ceiling(self) -> bool:
        """Whether nothing varies over the seeds, so that no test fits."""
        return len(self.seeds) > 1 and self.error == 0

    @property
    def interval(self) -> Interval:
        """The 95% interval; of the rows alone with one seed."""
        if not isfinite(self.error):
            return Interval(self.mean)
        reach = self.critical(LEVEL / 2) * self.error
        return Interval(self.mean, self.mean - reach, self.mean + reach)

    def critical(self, tail: float) -> float:
        """How many errors from the truth the mean lies with this probability, on one side.

        Source: Cochran and Cox (1957), Experimental designs, section 4.14.
        """
        own, added = -stdtrit(self.freedom, tail), -stdtrit(self.shared_freedom, tail)
        return float((1 - self.shared) * own + self.shared * added)

    def detectable(self, tests: int = 1) -> float:
        """The smallest effect that is found four times of five; nan where nothing can be found.

        `delta SE` with delta the noncentrality at which Student's distribution exceeds the critical
        value with the probability `POWER`: exact where groups add nothing, with Satterthwaite's
        (1946) degrees of freedom where they do. It takes the error for the true one. `tests`
        comparisons share the level, as in Holm's first step.
        """
        if not self.decides:
            return nan
        parts = (1 - self.shared) ** 2 / self.freedom + self.shared**2 / self.shared_freedom
        return _noncentrality(1 / parts, self.critical(LEVEL / 2 / tests)) * self.error

    def p_above(self, threshold: float) -> float:
        """One-sided p-value that the true effect is no more than the threshold, or nan."""
        return self._tail(self.mean - threshold)

    def p_below(self, threshold: float) -> float:
        """One-sided p-value that the true effect is no less than the threshold, or nan."""
        return self._tail(threshold - self.mean)

    @property
    def p_value(self) -> float:
        """Two-sided p-value that there is no effect; nan where nothing can be decided.

        1 for seeds that are all equal on both sides.
        """
        if self.ceiling and self.mean == 0:
            return 1.0
        return 2 * self._tail(abs(self.mean))

    def _tail(self, distance: float) -> float:
        if not self.decides:
            return nan
        if distance < 0:
            return 1 - self._tail(-distance)
        errors = distance / self.error
        # The tail whose critical value this is lies between those of the two distributions.
        either = [float(stdtr(f, -errors)) for f in (self.freedom, self.shared_freedom)]
        if not self.shared or max(either) < _LEAST_TAIL:
            return either[0]
        ends = (log(max(min(either), _LEAST_TAIL)) - _SLACK, log(max(either)) + _SLACK)
        return exp(brentq(lambda tail: self.critical(exp(tail)) - errors, *ends))


def effect(
    condition: Condition,
    values: Mapping[int, float],
    sums: FloatArray | None = None,
    *,
    rows: int = 0,
) -> Effect:
    """The effect of some seeds' differences, `values` by seed; ValueError without any.

    `sums` are `Clusters.sums` of the rows' differences, or None where rows are not known; `rows` is
    as in `Effect`. Source: Cameron, Gelbach and Miller (2011), Robust inference with multiway
    clustering, 2.2 to 2.4; Student (1908), to which it comes down where seeds share no groups.
    """
    if not values:
        raise ValueError("an effect needs at least one seed")
    listed = tuple(values.values())
    count = least = len(listed)
    groups = both = 0.0
    if sums is not None:
        groups, both = float(np.square(sums.sum(axis=0)).sum()), float(np.square(sums).sum())
        least = sums.shape[1] if count == 1 else min(sums.shape)
    if least < 2:
        return Effect(condition, tuple(values), listed, nan, 0, rows)
    mean = sum(listed) / count
    seeds = sum((value - mean) ** 2 for value in listed) / count**2
    variance = seeds + groups - both if count > 1 else groups
    if variance <= 0:
        variance = max(seeds, groups)
    error = sqrt(variance * least / (least - 1))
    if error < _ROUNDING * max(map(abs, listed)):
        error = 0.0
    if sums is None or error == 0:
        return Effect(condition, tuple(values), listed, error, least - 1, rows)
    own = seeds * count / (count - 1) / error**2 if count > 1 else 0.0
    return Effect(
        condition,
        tuple(values),
        listed,
        error,
        least - 1,
        rows,
        shared=max(1 - own, 0.0),
        shared_freedom=sums.shape[1] - 1,
    )


def row_interval(values: FloatArray, clusters: Clusters) -> Interval:
    """The mean of one seed's rows [n] with its 95% interval, clustered by group within cells.

    There are no limits where nothing varies, as where all rows are right.
    """
    mean = float(values.mean())
    found = effect(Condition("", 0.0, ""), {0: mean}, clusters.sums(values))
    return found.interval if found.error > 0 else Interval(mean)


@lru_cache(maxsize=1024)
def _noncentrality(freedom: float, critical: float) -> float:
    return float(nctdtrinc(freedom, 1 - POWER, critical))

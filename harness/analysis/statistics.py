"""Intervals of means, and the correction for many comparisons.

Tests between methods are those of `harness.analysis.evidence.effects`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite, nan, sqrt
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

FloatArray = NDArray[np.float64]

Key = TypeVar("Key")


@dataclass(frozen=True)
class Interval:
    """An estimate and its confidence limits; the limits are nan where nothing can be said."""

    mean: float
    low: float = nan
    high: float = nan

    @property
    def known(self) -> bool:
        """Whether there are limits."""
        return isfinite(self.low) and isfinite(self.high)

    @property
    def half_width(self) -> float:
        """The larger of the two distances from the estimate to its limits; nan if unknown."""
        return max(self.high - self.mean, self.mean - self.low) if self.known else nan


def mean_interval(values: Sequence[float] | FloatArray) -> Interval:
    """Mean of independent values with Student's 95% interval, `m +- t(n - 1) s / sqrt(n)`.

    `s` has n - 1 in its denominator. A single value has no limits; ValueError without any. Source:
    Student (1908), The probable error of a mean.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.size == 0:
        raise ValueError("a mean needs at least one value")
    # Sums as `mean` and `std` make them, which spend most of their time on what is asked otherwise.
    mean = float(np.add.reduce(array)) / array.size
    if array.size == 1:
        return Interval(mean)
    apart = array - mean
    error = sqrt(float(np.add.reduce(apart * apart)) / (array.size - 1)) / sqrt(array.size)
    reach = _student(array.size - 1) * error
    return Interval(mean, mean - reach, mean + reach)


@lru_cache(maxsize=256)
def _student(freedom: int) -> float:
    return float(stdtrit(freedom, 0.975))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjustment: the family-wise error stays below the level tested at.

    The i-th smallest of m becomes `max over j <= i of min(1, (m - j + 1) p_j)`.

    Source: Holm (1979), A simple sequentially rejective multiple test procedure.
    """
    # By hand, since statsmodels collects garbage in every call: half of the time of all tables.
    order = np.argsort(p_values, kind="stable")
    steps = np.arange(len(order), 0, -1) * np.asarray(p_values, dtype=np.float64)[order]
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return [float(p) for p in adjusted]


def holm_of(p_values: Mapping[Key, float]) -> dict[Key, float]:
    """The same by key, of the tests that there are: nan stands where nothing could be tested."""
    tested = {key: p for key, p in p_values.items() if isfinite(p)}
    return dict(zip(tested, holm(list(tested.values())), strict=True))

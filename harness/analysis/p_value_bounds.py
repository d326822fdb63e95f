"""What a nested test would answer, bounded from moments alone, so that few have to be drawn.

`nested_p_value` counts how many of its draws are extreme. Each is so with a probability P, that of
`|N + c T|` reaching the observed mean, with N a sum of independent bounded terms (the rows drawn
again) and T Student's. So the count is binomial, and P has limits that need no draw: N may be taken
for normal up to what the theorem of Berry and Esseen allows, or that of Lindeberg where T smooths
it, which settles what is common; and its tails fall as Bernstein's inequality says, which settles
what is rare. Where such limits on the p-values leave no doubt about what Holm's correction says of
them, nothing is drawn; all other tests are.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtr, stdtrit

from harness.analysis.statistics import DRAWS, SLACK, Alternative, FloatArray, holm

RISK = 1e-6
"""Probability that a count of draws lies outside of one of its limits."""

Limits = tuple[float, float]
Key = TypeVar("Key", bound=Hashable)

_BERRY_ESSEEN = 0.56
_LINDEBERG = 0.2756
"""(1 + E|Z|^3) / 6 times the largest curvature of Student's densities, that of Cauchy's at 0."""

_DIGITS = 1e-5
"""Relative error that stands for the slack of the tests and for rounding."""

_TAILS = 0.9 ** np.arange(240)
"""Masses of Student's two tails beyond the lower edges of the bins that |T| is put into."""

_MASSES = -np.diff(_TAILS, append=0.0)


@dataclass(frozen=True, eq=False)
class Moments:
    """What limits on several tests with as many seeds need to know of their rows.

    Attributes
    ----------
    means : float [tests, seeds], the mean over the rows of each seed.
    variances : float [tests, seeds], of these rows, with their number in the denominator.
    reach : float [tests], what no row is further away from its mean than.
    rows : int [seeds].
    """

    means: FloatArray
    variances: FloatArray
    reach: FloatArray
    rows: NDArray[np.int64]


def limits(moments: Moments, *, alternative: Alternative = "two-sided") -> list[Limits]:
    """The least and the largest p-value that each test can give, at its default draws.

    Each limit holds but for a `RISK`, and for the last digits of the moments.

    Source: Shevtsova (2010), An improvement of convergence rate estimates in the Lyapunov theorem;
    Lindeberg (1922), whose replacement of one term after the other bounds means of smooth
    functions; Bernstein's inequality as in Boucheron, Lugosi and Massart (2013), Concentration
    Inequalities, 2.8. The statistic is that of `harness.analysis.statistics.nested_p_value`.
    """
    low, high = _probabilities(moments, alternative)
    fewest = DRAWS - _most_extreme(1.0 - low)
    most = _most_extreme(high)
    return [
        (float((1 + a) / (DRAWS + 1)), float((1 + b) / (DRAWS + 1)))
        for a, b in zip(fewest, most, strict=True)
    ]


def significant(
    known: Mapping[Key, Limits], p_value: Callable[[Key], float], *, level: float
) -> frozenset[Key]:
    """The members whose p-values, Holm-corrected over all, lie below the level.

    Parameters
    ----------
    known : limits on the p-value of each member.
    p_value : the p-value itself, asked for only where the limits leave a doubt.
    """
    found = dict(known)
    while True:
        low, high = (
            dict(zip(found, holm([pair[side] for pair in found.values()]), strict=True))
            for side in (0, 1)
        )
        # An adjusted p-value never falls when a p-value rises, so limits bring limits about.
        doubtful = [m for m in found if low[m] < level <= high[m]]
        if not doubtful:
            return frozenset(m for m in found if high[m] < level)
        loose = [m for m in doubtful if found[m][0] < found[m][1]]
        for member in loose or [m for m, (least, most) in found.items() if least < most]:
            exact = p_value(member)
            found[member] = (exact, exact)


def ties_with_best(
    values: Mapping[Key, float],
    p_value: Callable[[Key, Key], float],
    *,
    known: Callable[[Key], Mapping[Key, Limits]] = lambda best: {},
    lower_is_better: bool = False,
    level: float = 0.05,
) -> frozenset[Key]:
    """The best of `values` and all that a Holm-corrected test cannot tell from it.

    Every other member is compared with the best observed one and the p-values are corrected over
    these comparisons. Tests are two-sided though the best was picked by looking: that spare
    factor two pays for the pick, so the member that is best in truth is left out in at most
    about `level` of all tables.

    Parameters
    ----------
    values : the estimate of each member.
    p_value : the paired test of two members; nan where none is possible, and what cannot be
        tested is not said to tie.
    known : for the best member, limits on its tests with others, as far as there are any.
    """
    if not values:
        return frozenset()
    sign = 1.0 if lower_is_better else -1.0
    best = min(values, key=lambda member: sign * values[member])
    limited = known(best)
    tested: dict[Key, Limits] = {}
    for member in values:
        if member == best:
            continue
        if member in limited:
            tested[member] = limited[member]
        elif isfinite(p := p_value(best, member)):
            tested[member] = (p, p)
    worse = significant(tested, lambda member: p_value(best, member), level=level)
    return frozenset((best, *(tested.keys() - worse)))


def _probabilities(moments: Moments, alternative: Alternative) -> tuple[FloatArray, FloatArray]:
    """float [tests] each: limits on the probability that one draw is extreme."""
    seeds = moments.means.shape[1]
    noise = moments.variances / moments.rows
    variance = noise.sum(axis=1) / seeds**2
    scale = np.zeros(len(variance))
    if seeds > 1:
        between = moments.means.var(axis=1, ddof=1) - noise.mean(axis=1)
        scale = np.sqrt(np.maximum(between, 0.0) / seeds)
    observed = moments.means.mean(axis=1)
    distance = np.abs(observed) if alternative == "two-sided" else -observed
    largest = moments.reach / (seeds * moments.rows.min())
    shift = scale[:, None] * _edges(max(seeds - 1, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        smoothed = _LINDEBERG * variance / scale**3
        error = largest * np.minimum(_BERRY_ESSEEN / np.sqrt(variance), smoothed)
        normal = _normal(distance, variance, shift)
        least = normal @ _MASSES
        # Bins are left for their upper edges, and beyond the last one anything is possible.
        most = normal[:, 1:] @ _MASSES[:-1] + _MASSES[-1]
        rare = _bernstein(distance, variance, largest, shift)[:, 1:] @ _MASSES[:-1] + _MASSES[-1]
    # One side has half of both, and may be wrong by half as much.
    share = 1.0 if alternative == "two-sided" else 0.5
    low = share * (least - 2 * error) * (1 - _DIGITS)
    high = share * np.minimum(most + 2 * error, rare) * (1 + _DIGITS)
    if alternative == "less":
        above = distance <= SLACK
        low = np.where(above, 0.5 - error, low)
        high = np.where(above, 1.0, high)
    known = variance > (1e6 * SLACK) ** 2
    return (
        np.where(known, np.clip(low, 0.0, 1.0), 0.0),
        np.where(known, np.clip(high, 0.0, 1.0), 1.0),
    )


def _normal(distance: FloatArray, variance: FloatArray, shift: FloatArray) -> FloatArray:
    """float [tests, bins]: P(|N + shift| >= distance) if N were normal; it rises with the shift."""
    deviation = np.sqrt(variance)[:, None]
    away = distance[:, None]
    return np.asarray(ndtr((shift - away) / deviation) + ndtr((-shift - away) / deviation))


def _bernstein(
    distance: FloatArray, variance: FloatArray, largest: FloatArray, shift: FloatArray
) -> FloatArray:
    """float [tests, bins]: what P(|N + shift| >= distance) is at most; it rises with the shift."""
    left = np.maximum(distance[:, None] - shift, 0.0)
    room = variance[:, None] + largest[:, None] * left / 3
    return np.asarray(np.minimum(2 * np.exp(-(left**2) / (2 * room)), 1.0))


@lru_cache(maxsize=64)
def _edges(freedom: int) -> FloatArray:
    """float [bins]: the lower edges of the bins of |T|."""
    return np.asarray(np.abs(stdtrit(freedom, _TAILS / 2)))


def _most_extreme(probability: FloatArray) -> NDArray[np.int64]:
    """int [tests]: the count that so many draws do not exceed, but for the risk."""
    return np.searchsorted(_exceeding(), probability)


@lru_cache(maxsize=1)
def _exceeding() -> FloatArray:
    """float [draws]: the probability of one draw for which k is exceeded at just the risk."""
    counts = np.arange(DRAWS)
    return np.asarray(betaincinv(counts + 1.0, DRAWS - counts, RISK))

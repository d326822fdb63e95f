"""Which methods of a profile can be told apart: the marks of tables and figures."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import isfinite, nan

from harness.analysis.metrics import Compared, Condition, MethodVariant
from harness.analysis.p_value_bounds import Limits, limits, significant, ties_with_best
from harness.analysis.profile_scores import ProfileScores
from harness.analysis.statistics import nested_p_value, seeds_p_value

LEVEL = 0.05
"""Two-sided level of every comparison, after Holm's correction."""


def p_value(
    scores: ProfileScores,
    condition: Condition,
    metric: Compared,
    first: MethodVariant,
    second: MethodVariant,
) -> float:
    """Paired test of two methods over the seeds they share; nan where none fits.

    Over rows nested in seeds where rows were kept and are the same rows, else over seeds.
    """
    ours, theirs = (scores.by_seed(condition, c, metric) for c in (first, second))
    shared = sorted(set(ours) & set(theirs))
    if not shared:
        return nan
    differences = []
    for seed in shared:
        left, right = (scores.rows(condition, c, metric, seed) for c in (first, second))
        if left is None or right is None or not _same_rows(scores, condition, first, second, seed):
            return seeds_p_value([ours[s] - theirs[s] for s in shared])
        differences.append(left - right)
    return nested_p_value(differences)


@lru_cache(maxsize=4096)
def ties(
    scores: ProfileScores,
    condition: Condition,
    metric: Compared,
    among: tuple[MethodVariant, ...] = (),
) -> frozenset[MethodVariant]:
    """The best methods and all that cannot be told from them.

    `among` names who is compared, by default `competitors`. A leakage below chance is a fault,
    not a merit, so such methods take no part; nor do those that no test can tell from any
    other, since they have one seed and the metric is no mean over rows. Where there is
    nothing to compare the answer is empty.
    """
    among = among or scores.competitors(condition)
    faulty = below_chance(scores, condition, metric, among)
    intervals = {c: scores.interval(condition, c, metric) for c in among}
    means = {
        c: i.mean
        for c, i in intervals.items()
        if i is not None and c not in faulty and _testable(scores, condition, metric, c)
    }
    if len(means) < 2:
        return frozenset()
    return ties_with_best(
        means,
        lambda best, other: p_value(scores, condition, metric, best, other),
        known=lambda best: _limits(scores, condition, metric, best, tuple(means)),
        lower_is_better=metric.lower_is_better,
        level=LEVEL,
    )


@lru_cache(maxsize=4096)
def below_chance(
    scores: ProfileScores,
    condition: Condition,
    metric: Compared,
    among: tuple[MethodVariant, ...] = (),
) -> frozenset[MethodVariant]:
    """Methods whose leakage lies below chance, Holm-corrected over all that are compared.

    `among` is that of `ties`. One-sided at half of the level. Empty for everything but leakage.
    """
    level = scores.chance(condition, metric)
    if not metric.is_leakage or not isfinite(level):
        return frozenset()
    asked = among or scores.competitors(condition)
    known: dict[MethodVariant, Limits] = {}
    for members, bits in scores.row_bits(condition, metric, asked):
        known.update(zip(members, limits(bits.against(level), alternative="less"), strict=True))
    for method_variant in asked:
        if method_variant not in known and isfinite(
            p := _p_below(scores, condition, metric, method_variant, level)
        ):
            known[method_variant] = (p, p)
    return significant(
        known, lambda c: _p_below(scores, condition, metric, c, level), level=LEVEL / 2
    )


def _p_below(
    scores: ProfileScores,
    condition: Condition,
    metric: Compared,
    method_variant: MethodVariant,
    level: float,
) -> float:
    """One-sided test that the metric is no less than the level; nan where rows are amiss."""
    seeds = scores.by_seed(condition, method_variant, metric)
    rows = [scores.rows(condition, method_variant, metric, seed) for seed in seeds]
    kept = [row - level for row in rows if row is not None]
    if not kept or len(kept) < len(rows):
        return nan
    return nested_p_value(kept, alternative="less")


def _limits(
    scores: ProfileScores,
    condition: Condition,
    metric: Compared,
    best: MethodVariant,
    among: tuple[MethodVariant, ...],
) -> Mapping[MethodVariant, Limits]:
    """Limits on the tests of one method with all that have the same rows."""
    for members, bits in scores.row_bits(condition, metric, among):
        if best in members:
            found = limits(bits.differences(members.index(best)))
            return dict(zip(members, found, strict=True))
    return {}


def _testable(
    scores: ProfileScores, condition: Condition, metric: Compared, method_variant: MethodVariant
) -> bool:
    """Whether there are two seeds, or rows of the one that there is."""
    seeds = scores.by_seed(condition, method_variant, metric)
    return len(seeds) > 1 or any(
        scores.rows(condition, method_variant, metric, seed) is not None for seed in seeds
    )


def _same_rows(
    scores: ProfileScores,
    condition: Condition,
    first: MethodVariant,
    second: MethodVariant,
    seed: int,
) -> bool:
    left, right = (scores.trials[condition][c][seed].cells for c in (first, second))
    return left == right

"""Which methods of a profile can be told apart: the marks of tables and figures."""

from functools import lru_cache
from math import isfinite, nan

from harness.analysis.condition_scores import ConditionScores
from harness.analysis.evidence.effects import LEVEL
from harness.analysis.evidence.pairing import Side, paired
from harness.analysis.metrics import Compared, MethodVariant
from harness.analysis.statistics import holm_of


def p_value(
    scores: ConditionScores, metric: Compared, first: MethodVariant, second: MethodVariant
) -> float:
    """Two-sided paired test of two methods, as `harness.analysis.evidence.effects` has it.

    nan where none fits: no two shared seeds, or nothing that varies.
    """
    found = paired(metric, Side(scores, first), Side(scores, second))
    return nan if found is None else found.p_value


@lru_cache(maxsize=4096)
def ties(
    scores: ConditionScores, metric: Compared, among: tuple[MethodVariant, ...] = ()
) -> frozenset[MethodVariant]:
    """The best method and all that cannot be told from it, Holm-corrected over the comparisons.

    `among` names who is compared, by default `competitors`. A leakage below chance is a fault,
    not a merit, so such methods take no part; nor do those with one seed, which decides nothing.
    What cannot be tested against the best is not said to tie, and where there is nothing to
    compare the answer is empty.

    Tests are two-sided though the best was picked by looking: that spare factor two pays for the
    pick, so the method that is best in truth is left out in at most about 5% of all tables.
    """
    among = among or scores.competitors
    faulty = below_chance(scores, metric, among)
    values = {c: scores.by_seed(c, metric) for c in among if c not in faulty}
    means = {c: sum(v.values()) / len(v) for c, v in values.items() if len(v) > 1}
    if len(means) < 2:
        return frozenset()
    best = (min if metric.lower_is_better else max)(means, key=lambda c: means[c])
    tests = holm_of({c: p_value(scores, metric, best, c) for c in means if c != best})
    return frozenset((best, *(c for c, p in tests.items() if p >= LEVEL)))


@lru_cache(maxsize=4096)
def below_chance(
    scores: ConditionScores, metric: Compared, among: tuple[MethodVariant, ...] = ()
) -> frozenset[MethodVariant]:
    """Methods whose leakage lies below chance, Holm-corrected over all that are compared.

    `among` is that of `ties`. One-sided at half of the level. Empty for everything but leakage.
    """
    level = scores.chance(metric)
    if not metric.is_leakage or not isfinite(level):
        return frozenset()
    guessed = dict.fromkeys(scores.seeds, level)
    compared = among or scores.competitors
    effects = {c: paired(metric, Side(scores, c), guessed) for c in compared}
    tests = holm_of({c: effect.p_below(0.0) for c, effect in effects.items() if effect})
    return frozenset(c for c, p in tests.items() if p < LEVEL / 2)

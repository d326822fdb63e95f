"""What is foregone is what drawing gives: limits hold, and decisions are the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from harness.analysis.p_value_bounds import Moments, limits, significant, ties_with_best
from harness.analysis.statistics import holm, nested_p_value

P_VALUES = st.floats(0.0, 1.0)


def moments(rows: np.ndarray) -> Moments:
    """Of one test with rows float [seeds, rows]."""
    means = rows.mean(axis=1)
    reach = np.abs(rows - means[:, None]).max()
    sizes = np.full(len(rows), rows.shape[1])
    return Moments(means[None], rows.var(axis=1)[None], np.array([reach]), sizes)


def drawn_rows(rng, *, seeds, rows, effect, between):
    """Differences of two methods: float [seeds, rows] in -1, 0 and 1."""
    level = 0.6 + effect + between * rng.standard_normal((seeds, 1))
    first = rng.random((seeds, rows)) < np.clip(level, 0.02, 0.98)
    return first.astype(float) - (rng.random((seeds, rows)) < 0.6)


@settings(max_examples=120, deadline=None)
@given(
    number=st.integers(0, 10**6),
    seeds=st.integers(1, 12),
    rows=st.sampled_from([5, 40, 300, 1000]),
    effect=st.sampled_from([0.0, 0.01, 0.05, 0.2]),
    between=st.sampled_from([0.0, 0.02, 0.1]),
    alternative=st.sampled_from(["two-sided", "less"]),
)
def test_limits_hold_what_is_drawn(number, seeds, rows, effect, between, alternative):
    rng = np.random.default_rng(number)
    sample = drawn_rows(rng, seeds=seeds, rows=rows, effect=-effect, between=between)
    ((low, high),) = limits(moments(sample), alternative=alternative)
    assert low <= nested_p_value(list(sample), alternative=alternative) <= high


@pytest.mark.parametrize(("effect", "common"), [(0.0, True), (0.2, False)])
def test_limits_settle_what_is_clear(effect, common):
    rng = np.random.default_rng(1)
    sample = drawn_rows(rng, seeds=10, rows=1000, effect=effect, between=0.0)
    ((low, high),) = limits(moments(sample))
    assert (low > 0.05) if common else (high < 0.001)


@pytest.mark.parametrize("rows", [np.zeros((3, 20)), np.ones((1, 20)), np.full((2, 20), 0.5)])
def test_rows_that_are_all_alike_are_left_to_be_drawn(rows):
    assert limits(moments(rows)) == [(pytest.approx(1 / 4001), 1.0)]


@given(st.lists(st.tuples(P_VALUES, P_VALUES, P_VALUES), min_size=1, max_size=10), P_VALUES)
def test_limits_decide_as_the_p_values_would(triples, level):
    known, exact = {}, {}
    for member, triple in enumerate(triples):
        low, exact[member], high = sorted(triple)
        known[member] = (low, high)
    adjusted = holm(list(exact.values()))
    assert significant(known, exact.__getitem__, level=level) == {
        member for member, p in enumerate(adjusted) if p < level
    }


def test_nothing_is_asked_where_limits_leave_no_doubt():
    def never(member):
        raise AssertionError(member)

    known = {"rare": (0.0002, 0.002), "common": (0.2, 0.9), "usual": (0.04, 0.06)}
    assert significant(known, never, level=0.05) == {"rare"}
    assert significant({}, never, level=0.05) == frozenset()


def test_the_truly_best_is_rarely_left_out():
    rng = np.random.default_rng(6)
    left_out = []
    for _ in range(150):
        values = dict(enumerate(rng.standard_normal(6)))

        def p_value(a, b, values=values):
            return 2 * stats.norm.sf(abs(values[a] - values[b]) / np.sqrt(2))

        left_out.append(0 not in ties_with_best(values, p_value))
    assert np.mean(left_out) < 0.11


def test_ties_with_best_reads_direction_and_missing_tests():
    values = {"a": 0.5, "b": 0.6, "c": 0.9}
    p_values = {"a": 0.2, "b": 0.2, "c": 0.001}
    assert ties_with_best(values, lambda best, m: p_values[m], lower_is_better=True) == {"a", "b"}
    assert ties_with_best(values, lambda best, m: p_values[m]) == {"a", "b", "c"}
    assert ties_with_best(values, lambda best, m: 0.001) == {"c"}
    assert ties_with_best(values, lambda best, m: float("nan")) == {"c"}
    assert ties_with_best({}, lambda best, m: 1.0) == frozenset()


@given(st.lists(st.tuples(P_VALUES, P_VALUES, P_VALUES), min_size=2, max_size=8), st.booleans())
def test_ties_with_limits_are_those_without(triples, lower_is_better):
    values = {member: float(member) for member in range(len(triples))}
    exact = {member: sorted(triple)[1] for member, triple in enumerate(triples)}
    known = {m: (min(t), max(t)) for m, t in enumerate(triples) if m % 3}

    def ties(**more):
        return ties_with_best(
            values, lambda best, m: exact[m], lower_is_better=lower_is_better, **more
        )

    assert ties(known=lambda best: known) == ties()

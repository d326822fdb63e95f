"""Statistics against simulated data whose truth is known."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from harness.analysis.statistics import (
    holm,
    mean_interval,
    nested_p_value,
    seeds_p_value,
    wilson_interval,
)


def nested_rows(rng, *, seeds, rows, effect, between):
    """Differences in {-1, 0, 1} with mean `effect` and a standard deviation between seeds."""
    means = effect + between * rng.standard_normal(seeds)
    return [
        rng.choice([-1.0, 0.0, 1.0], size=rows, p=[0.15 - m / 2, 0.7, 0.15 + m / 2]) for m in means
    ]


def test_student_interval_equals_scipy():
    values = [0.71, 0.74, 0.69, 0.75]
    low, high = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))
    interval = mean_interval(values)
    assert (interval.low, interval.high) == pytest.approx((low, high))
    assert interval.half_width == pytest.approx((high - low) / 2)


@given(st.lists(st.floats(-10, 10), min_size=2, max_size=300))
def test_student_interval_has_the_very_digits_of_numpy(values):
    interval = mean_interval(values)
    reach = float(stats.t.ppf(0.975, len(values) - 1)) * np.std(values, ddof=1)
    assert interval.mean == np.mean(values)
    assert interval.half_width == pytest.approx(reach / np.sqrt(len(values)), abs=1e-12)


def test_student_interval_covers_where_the_normal_one_does_not():
    rng = np.random.default_rng(0)
    samples = rng.normal(0.7, 0.02, size=(2000, 3))
    intervals = [mean_interval(sample) for sample in samples]
    covered = np.mean([i.low <= 0.7 <= i.high for i in intervals])
    normal = 1.96 * samples.std(axis=1, ddof=1) / np.sqrt(3)
    covered_by_normal = np.mean(np.abs(samples.mean(axis=1) - 0.7) <= normal)
    assert covered_by_normal < 0.85
    assert 0.935 < covered < 0.965


def test_one_value_has_no_limits_and_none_is_an_error():
    single = mean_interval([0.5])
    assert single.mean == 0.5
    assert not single.known
    assert isnan(single.half_width)
    with pytest.raises(ValueError, match="at least one"):
        mean_interval([])


@pytest.mark.parametrize(("share", "rows"), [(0.5, 40), (0.75, 400), (0.97, 60)])
def test_wilson_covers(share, rows):
    rng = np.random.default_rng(1)
    counts = rng.binomial(rows, share, size=2000)
    covered = np.mean([(i := wilson_interval(int(c), rows)).low <= share <= i.high for c in counts])
    assert 0.925 < covered < 0.975


@given(st.integers(1, 5000), st.data())
def test_wilson_equals_scipy_and_stays_in_range(rows, data):
    successes = data.draw(st.integers(0, rows))
    interval = wilson_interval(successes, rows)
    reference = stats.binomtest(successes, rows).proportion_ci(method="wilson")
    assert (interval.low, interval.high) == pytest.approx(
        (reference.low, reference.high), abs=1e-12
    )
    assert 0.0 <= interval.low <= interval.mean + 1e-12
    assert interval.mean - 1e-12 <= interval.high <= 1.0


@pytest.mark.parametrize(("successes", "rows"), [(1, 0), (-1, 3), (4, 3)])
def test_wilson_refuses_impossible_counts(successes, rows):
    with pytest.raises(ValueError, match="successes"):
        wilson_interval(successes, rows)


def test_seeds_test_equals_scipy_and_knows_its_limits():
    differences = [0.03, 0.05, 0.02, 0.07]
    expected = stats.ttest_1samp(differences, 0).pvalue
    assert seeds_p_value(differences) == pytest.approx(expected)
    assert seeds_p_value([0.0, 0.0]) == 1.0
    assert seeds_p_value([0.1, 0.1]) == 0.0
    assert isnan(seeds_p_value([0.1]))


@pytest.mark.parametrize("between", [0.0, 0.02, 0.06])
@pytest.mark.parametrize("seeds", [3, 5])
def test_nested_test_is_rarely_significant_without_effect(seeds, between):
    rng = np.random.default_rng(2)
    samples = [
        nested_rows(rng, seeds=seeds, rows=500, effect=0.0, between=between) for _ in range(400)
    ]
    p_values = np.array([nested_p_value(s, draws=500) for s in samples])
    assert np.mean(p_values < 0.05) < 0.10
    if between == 0.06:
        # The control: a test that takes all rows for independent is badly wrong here.
        naive = [stats.ttest_1samp(np.concatenate(s), 0).pvalue for s in samples]
        assert np.mean(np.array(naive) < 0.05) > 0.3


def test_nested_test_finds_effects_that_seeds_alone_miss():
    rng = np.random.default_rng(3)
    samples = [nested_rows(rng, seeds=3, rows=800, effect=0.05, between=0.0) for _ in range(150)]
    nested = np.mean([nested_p_value(s, draws=500) < 0.05 for s in samples])
    alone = np.mean([seeds_p_value([r.mean() for r in s]) < 0.05 for s in samples])
    assert nested > 0.7
    assert nested > alone + 0.15


def test_nested_test_with_one_seed_agrees_with_the_sign_test():
    rng = np.random.default_rng(4)
    (rows,) = nested_rows(rng, seeds=1, rows=1000, effect=0.04, between=0.0)
    wins, losses = int(np.sum(rows > 0)), int(np.sum(rows < 0))
    exact = stats.binomtest(wins, wins + losses).pvalue
    assert nested_p_value([rows], draws=20_000) == pytest.approx(exact, abs=0.02)


def test_one_sided_test_asks_for_below():
    below = [np.r_[np.ones(40), np.zeros(160)] - 0.5 for _ in range(2)]
    assert nested_p_value(below, alternative="less") < 0.001
    assert nested_p_value([-rows for rows in below], alternative="less") > 0.99


@given(
    st.lists(
        st.lists(st.sampled_from([-1.0, -0.5, 0.0, 1.0]), min_size=1, max_size=30),
        min_size=1,
        max_size=4,
    )
)
def test_nested_test_is_symmetric_deterministic_and_a_probability(lists):
    rows = [np.array(values) for values in lists]
    p = nested_p_value(rows, draws=200)
    assert 0.0 < p <= 1.0
    assert p == nested_p_value(rows, draws=200)
    if all(not values.any() for values in rows):
        assert p == 1.0


@pytest.mark.parametrize("rows", [[], [np.array([])]])
def test_nested_test_refuses_nothing(rows):
    with pytest.raises(ValueError, match="at least one seed"):
        nested_p_value(rows)


def test_holm_of_a_case_worked_by_hand():
    # Sorted .01, .02, .03 times 3, 2, 1 is .03, .04, .03, and never falls: .03, .04, .04.
    assert holm([0.02, 0.03, 0.01]) == pytest.approx([0.04, 0.04, 0.03])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []


@settings(max_examples=20)
@given(p_values=st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_that_of_statsmodels(p_values: list[float]) -> None:
    expected = multipletests(p_values, method="holm")[1]
    np.testing.assert_allclose(holm(p_values), expected, rtol=1e-12)


def test_holm_keeps_the_family_wise_error():
    rng = np.random.default_rng(5)
    families = rng.uniform(size=(150, 6))
    corrected = np.mean([min(holm(list(f))) < 0.05 for f in families])
    uncorrected = np.mean(families.min(axis=1) < 0.05)
    assert uncorrected > 0.2
    assert corrected < 0.11

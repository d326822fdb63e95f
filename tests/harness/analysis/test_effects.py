"""Effects on simulated data whose truth is known, and what must hold of them whatever the data."""

from __future__ import annotations

from math import inf, isnan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.analysis.evidence.effects import Sample, pooled, row_error
from harness.analysis.metrics import Condition
from harness.analysis.statistics import holm

TASKS = [Condition(name, 0.85, "minilm") for name in ("movies", "tweets", "csv")]

values = st.lists(st.floats(-1, 1), min_size=2, max_size=5)


def simulated(rng, *, seeds, rows, effect, between, tasks=2):
    """Paired rows in {-1, 0, 1} within seeds whose means differ with a standard deviation."""
    samples = []
    for condition, count in zip(TASKS[:tasks], seeds, strict=False):
        drawn = []
        for mean in effect + between * rng.standard_normal(count):
            share = [0.15 - mean / 2, 0.7, 0.15 + mean / 2]
            # Rows of equal value are exchangeable, so their counts are all that need be drawn.
            drawn.append(np.repeat([-1.0, 0.0, 1.0], rng.multinomial(rows, share)))
        means = tuple(float(row.mean()) for row in drawn)
        samples.append(
            Sample(condition, tuple(range(count)), means, rows * count, row_error(drawn))
        )
    return samples


def of(*lists):
    return [
        Sample(condition, tuple(range(len(listed))), tuple(listed))
        for condition, listed in zip(TASKS, lists, strict=False)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("between", [0.0, 0.03])
@pytest.mark.parametrize("seeds", [(3, 3), (5, 3), (3,)])
def test_intervals_cover_the_truth_in_95_of_100_simulations(seeds, between):
    """Within two points, over a thousand simulations."""
    rng = np.random.default_rng(21)
    covered = []
    for _ in range(1000):
        samples = simulated(
            rng, seeds=seeds, rows=500, effect=0.03, between=between, tasks=len(seeds)
        )
        interval = pooled(samples).interval
        covered.append(interval.low <= 0.03 <= interval.high)
    assert 0.93 <= np.mean(covered) <= 0.97


def test_an_interval_of_rows_alone_misses_the_truth_where_seeds_differ():
    """The control: why one seed decides nothing."""
    rng = np.random.default_rng(12)
    covered = []
    for _ in range(300):
        (sample,) = simulated(rng, seeds=(1,), rows=500, effect=0.03, between=0.06, tasks=1)
        interval = pooled([sample]).interval
        covered.append(interval.low <= 0.03 <= interval.high)
    assert np.mean(covered) < 0.8


@pytest.mark.slow
def test_the_detectable_effect_is_found_four_times_of_five():
    """Its mean over simulations, added to what is asked, is found in about .8 of new ones."""
    rng = np.random.default_rng(13)
    world = {"seeds": (4, 4), "rows": 500, "between": 0.02}
    detectable = np.mean(
        [pooled(simulated(rng, effect=0.0, **world)).detectable for _ in range(300)]
    )
    found = np.mean(
        [pooled(simulated(rng, effect=detectable, **world)).p_above(0) < 0.025 for _ in range(600)]
    )
    assert 0.7 < found < 0.9


def test_holm_keeps_the_family_wise_error_of_effects():
    """Six comparisons without an effect: one of them is found in more than .05 of the families."""
    rng = np.random.default_rng(14)
    corrected, plain = [], []
    for _ in range(500):
        tested = [
            pooled(
                [
                    Sample(condition, (0, 1, 2), tuple(rng.normal(0, 0.02, 3)))
                    for condition in TASKS[:2]
                ]
            ).p_above(0.0)
            for _ in range(6)
        ]
        plain.append(min(tested) < 0.025)
        corrected.append(min(holm(tested)) < 0.025)
    assert np.mean(plain) > 0.08
    assert np.mean(corrected) < 0.045


def test_one_task_is_students():
    listed = [0.03, 0.05, 0.02, 0.07]
    effect = pooled(of(listed))
    low, high = stats.t.interval(0.95, 3, np.mean(listed), stats.sem(listed))
    assert (effect.interval.low, effect.interval.high) == pytest.approx((low, high))
    assert effect.freedom == pytest.approx(3)
    for threshold in (-0.01, 0.0, 0.04):
        for alternative, found in (
            ("greater", effect.p_above(threshold)),
            ("less", effect.p_below(threshold)),
        ):
            expected = stats.ttest_1samp(listed, threshold, alternative=alternative).pvalue
            assert found == pytest.approx(expected)


def test_two_tasks_are_welchs():
    """The difference of two means is the sum of one and the other's opposite: Welch's test."""
    first, second = [0.03, 0.05, 0.02, 0.07], [0.2, 0.1, 0.4]
    effect = pooled(of(first, [-value for value in second]))
    welch = stats.ttest_ind(first, second, equal_var=False)
    assert effect.mean == pytest.approx((np.mean(first) - np.mean(second)) / 2)
    assert effect.freedom == pytest.approx(welch.df)
    assert effect.p_below(0.0) == pytest.approx(welch.pvalue / 2)


def test_one_seed_has_the_interval_of_its_rows_and_no_test():
    rng = np.random.default_rng(15)
    rows = rng.choice([-1.0, 0.0, 1.0], size=800)
    one = Sample(TASKS[0], (0,), (float(rows.mean()),), len(rows), row_error([rows]))
    effect = pooled([one])
    assert effect.of_rows
    assert effect.freedom == inf
    assert effect.interval.half_width == pytest.approx(1.96 * stats.sem(rows), rel=1e-3)
    assert isnan(effect.p_above(0.0))
    assert isnan(effect.p_below(0.0))
    assert isnan(effect.detectable)
    bare = pooled(of([0.2]))
    assert not bare.interval.known


def test_tasks_with_one_seed_give_way_to_tasks_with_more():
    effect = pooled(of([0.1, 0.2], [0.9]))
    assert [sample.condition.task for sample in effect.samples] == ["movies"]
    assert effect.mean == pytest.approx(0.15)
    assert effect.seeds == 2


def test_equal_values_are_certain():
    effect = pooled(of([0.1, 0.1], [0.1, 0.1]))
    assert effect.interval.half_width == pytest.approx(0, abs=1e-12)
    assert effect.p_above(0.0) == 0.0
    assert effect.p_above(0.1) > 0.4
    assert effect.p_below(0.0) > 0.99


@pytest.mark.parametrize("samples", [[], of([])])
def test_nothing_has_no_effect(samples):
    with pytest.raises(ValueError, match="at least one task"):
        pooled(samples)


@given(st.lists(values, min_size=1, max_size=3), st.floats(-1, 1), st.floats(0.5, 4))
def test_effects_follow_shift_scale_and_sign(lists, shift, scale):
    plain = pooled(of(*lists))
    moved = pooled(of(*([scale * value + shift for value in listed] for listed in lists)))
    turned = pooled(of(*([-value for value in listed] for listed in lists)))
    assert moved.mean == pytest.approx(scale * plain.mean + shift, abs=1e-9)
    assert moved.error == pytest.approx(scale * plain.error, abs=1e-9)
    assert turned.mean == pytest.approx(-plain.mean)
    assert turned.p_above(0.0) == pytest.approx(plain.p_below(0.0))
    assert plain.p_above(0.3) + plain.p_below(0.3) == pytest.approx(1) or plain.error == 0
    least, most = min(map(len, lists)) - 1, sum(map(len, lists)) - len(lists)
    assert plain.error < 1e-9 or least - 1e-9 <= plain.freedom <= most + 1e-9


@given(values, st.floats(0.001, 0.5))
def test_the_interval_holds_what_cannot_be_rejected(listed, step):
    effect = pooled(of(listed))
    if effect.error < 1e-9:
        return
    interval = effect.interval
    assert effect.p_above(interval.low - step) < 0.025 < effect.p_above(interval.low + step)
    assert effect.p_below(interval.high + step) < 0.025 < effect.p_below(interval.high - step)


def test_the_error_of_rows_is_that_of_independent_means():
    rng = np.random.default_rng(16)
    drawn = [rng.normal(size=200), rng.normal(size=400)]
    expected = sqrt(sum(stats.sem(rows) ** 2 for rows in drawn)) / 2
    assert row_error(drawn) == pytest.approx(expected)

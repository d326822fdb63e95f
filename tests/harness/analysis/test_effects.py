"""What must hold of an effect whatever the data; test_inference.py has its size and power."""

from math import isnan, nan
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.analysis.evidence.effects import Clusters, Effect, effect
from harness.analysis.metrics import Condition

MOVIES = Condition("movies", 0.85, "minilm")

values = st.lists(st.floats(-1, 1), min_size=2, max_size=5)


class Rows(NamedTuple):
    """The differences of one seed's evaluation rows, with their cells and groups."""

    values: np.ndarray
    cells: np.ndarray
    groups: np.ndarray


def sums(rows):
    clusters = Clusters.of([r.cells for r in rows], [r.groups for r in rows])
    return clusters.sums(np.concatenate([r.values for r in rows]))


def of(listed, rows=()):
    return effect(MOVIES, dict(enumerate(listed)), sums(rows) if rows else None)


def in_films(rng, groups, *, cells=None):
    """For each seed rows in the films that it is given, and the values that they make."""
    rows = [
        Rows(
            rng.choice([-1.0, 0.0, 1.0], len(films)),
            np.arange(len(films)) % 2 if cells is None else cells[seed],
            np.asarray(films),
        )
        for seed, films in enumerate(groups)
    ]
    return of([float(r.values.mean()) for r in rows], rows)


def by_hand(rows):
    """Cameron, Gelbach and Miller's sums, written out."""
    seeds = len(rows)
    flat = [
        (seed, int(cell), int(group), float(value), 1 / (seeds * len(r.values)))
        for seed, r in enumerate(rows)
        for value, cell, group in zip(*r, strict=True)
    ]

    def mean(cell):
        within = [(value, weight) for _, c, _, value, weight in flat if c == cell]
        return sum(v * w for v, w in within) / sum(w for _, w in within)

    def squares(key):
        sums = {}
        for row in flat:
            sums[key(row)] = sums.get(key(row), 0.0) + row[4] * (row[3] - mean(row[1]))
        return sum(total**2 for total in sums.values()), len(sums)

    (by_seed, s), (by_group, g) = squares(lambda row: row[0]), squares(lambda row: row[2])
    by_both, _ = squares(lambda row: (row[0], row[2]))
    return (by_seed + by_group - by_both) * min(s, g) / (min(s, g) - 1)


def test_seeds_alone_are_students():
    listed = [0.03, 0.05, 0.02, 0.07]
    found = of(listed)
    low, high = stats.t.interval(0.95, 3, np.mean(listed), stats.sem(listed))
    assert (found.interval.low, found.interval.high) == pytest.approx((low, high))
    assert found.freedom == 3
    assert found.p_value == pytest.approx(stats.ttest_1samp(listed, 0).pvalue)
    for threshold in (-0.01, 0.0, 0.04):
        for alternative, p in (
            ("greater", found.p_above(threshold)),
            ("less", found.p_below(threshold)),
        ):
            expected = stats.ttest_1samp(listed, threshold, alternative=alternative).pvalue
            assert p == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(4))
def test_shared_films_are_clustered_both_ways(seed):
    rng = np.random.default_rng(seed)
    rows = []
    for count in (60, 75, 90):
        films = rng.integers(0, 9, count)
        # Cells as large in every seed, as evaluation draws are.
        rows.append(Rows(films + rng.normal(size=count), np.arange(count) % 3, films))
    found = of([float(r.values.mean()) for r in rows], rows)
    assert found.error**2 == pytest.approx(by_hand(rows))
    own = np.var(found.values, ddof=1) / 3 / found.error**2
    films = len(np.unique(np.concatenate([r.groups for r in rows])))
    critical = own * stats.t.ppf(0.975, 2) + (1 - own) * stats.t.ppf(0.975, films - 1)
    assert 0 < own < 1
    assert found.interval.half_width == pytest.approx(critical * found.error)


def test_films_of_one_seed_each_change_nothing():
    rng = np.random.default_rng(1)
    apart = in_films(rng, [np.arange(40) // 4, 100 + np.arange(40) // 4])
    assert apart.error == pytest.approx(of(apart.values).error)


def test_two_films_leave_one_degree_of_freedom():
    rng = np.random.default_rng(2)
    assert in_films(rng, [np.arange(40) % 2] * 4).critical(0.025) == pytest.approx(12.706, abs=1e-3)
    assert isnan(in_films(rng, [np.zeros(40, dtype=int)] * 4).error)


def test_a_variance_that_is_not_positive_gives_way_to_the_larger_one():
    """Films that pull seeds in opposite directions: all sums cancel out."""
    ones = np.ones(4)
    rows = [
        Rows(np.r_[ones, -ones], np.zeros(8, dtype=int), np.repeat([0, 1], 4)),
        Rows(np.r_[-ones, ones], np.zeros(8, dtype=int), np.repeat([0, 1], 4)),
    ]
    found = of([0.1, 0.3], rows)
    assert found.error == pytest.approx(of([0.1, 0.3]).error)


def test_one_seed_has_the_interval_of_its_rows_and_no_test():
    rng = np.random.default_rng(15)
    rows = rng.choice([-1.0, 0.0, 1.0], size=800)
    own = [Rows(rows, np.zeros(800, dtype=int), np.arange(800))]
    found = of([float(rows.mean())], own)
    assert found.interval.half_width == pytest.approx(1.96 * stats.sem(rows), rel=2e-3)
    assert isnan(found.p_above(0.0))
    assert isnan(found.p_value)
    assert isnan(found.detectable())
    assert not found.ceiling
    # Films of equal rows: a quarter of the rows' information.
    films = [Rows(np.repeat(rows, 4), np.zeros(3200, dtype=int), np.arange(3200) // 4)]
    assert of([float(rows.mean())], films).error == pytest.approx(found.error)
    assert not of([0.2]).interval.known


def test_cells_are_no_noise():
    """Rows that differ by cell alone leave no error for rows."""
    cells = np.arange(40) % 2
    rows = [Rows(cells.astype(float), cells, np.arange(40))]
    assert of([0.5], rows).error == 0


def test_where_nothing_varies_nothing_is_decided():
    same = of([0.1, 0.1, 0.1])
    assert same.ceiling
    assert not same.decides
    assert isnan(same.p_above(0.0))
    assert isnan(same.p_value)
    assert isnan(same.detectable())
    assert same.interval.half_width == pytest.approx(0, abs=1e-12)
    # Two methods that are the same are no better than each other.
    assert of([0.0, 0.0]).p_value == 1.0


def test_nothing_has_no_effect():
    with pytest.raises(ValueError, match="at least one seed"):
        of([])


@given(values, st.floats(-1, 1), st.floats(0.5, 4))
def test_effects_follow_shift_scale_and_sign(listed, shift, scale):
    plain = of(listed)
    if plain.error < 1e-9:
        return
    moved = of([scale * value + shift for value in listed])
    turned = of([-value for value in listed])
    assert moved.mean == pytest.approx(scale * plain.mean + shift, abs=1e-9)
    assert moved.error == pytest.approx(scale * plain.error, abs=1e-9)
    assert turned.p_above(0.0) == pytest.approx(plain.p_below(0.0))
    assert plain.p_above(0.3) + plain.p_below(0.3) == pytest.approx(1)


@pytest.mark.parametrize("shared", [0.0, 1e-16, 0.3, 0.9, 1.0])
@pytest.mark.parametrize("away", [-1.0, 0.0, 0.4, 2.5, 60.0])
def test_a_tail_is_where_its_critical_value_lies(shared, away):
    known = Effect(MOVIES, (0, 1, 2), (away,) * 3, 1.0, 2, 0, shared, 99)
    tail = known.p_above(0.0)
    assert known.p_below(0.0) == pytest.approx(1 - tail)
    assert known.critical(tail) == pytest.approx(away, rel=1e-6, abs=1e-9)
    between = sorted(float(stats.t.sf(away, freedom)) for freedom in (2, 99))
    assert between[0] * (1 - 1e-9) <= tail <= between[1] * (1 + 1e-9)


def test_an_error_that_is_small_by_chance_does_not_sharpen_the_seeds_part():
    """What Satterthwaite's degrees of freedom would do, as a control: a fifth of it."""
    known = Effect(MOVIES, (0, 1, 2), (4.0,) * 3, 1.0, 2, 0, 0.5, 99)
    freedom = 1 / (0.5**2 / 2 + 0.5**2 / 99)
    assert stats.t.sf(4.0, freedom) < known.p_above(0.0) / 5


@given(values, st.floats(0.001, 0.5))
def test_the_interval_holds_what_cannot_be_rejected(listed, step):
    found = of(listed)
    if found.error < 1e-9:
        return
    interval = found.interval
    assert found.p_above(interval.low - step) < 0.025 < found.p_above(interval.low + step)
    assert found.p_below(interval.high + step) < 0.025 < found.p_below(interval.high - step)


@pytest.mark.parametrize("freedom", [1, 2, 9])
@pytest.mark.parametrize("tests", [1, 4, 15])
def test_detectable_is_the_noncentral_t_of_scipy(freedom, tests):
    known = Effect(MOVIES, tuple(range(freedom + 1)), (0.0,) * (freedom + 1), 2.0, freedom)
    critical = stats.t.ppf(1 - 0.025 / tests, freedom)
    found = stats.nct.sf(critical, freedom, known.detectable(tests) / 2.0)
    assert found == pytest.approx(0.8, abs=1e-4)
    assert known.detectable(tests + 1) > known.detectable(tests)


def test_an_unknown_error_detects_nothing():
    assert isnan(Effect(MOVIES, (0, 1), (0.0, 1.0), nan, 0).detectable())

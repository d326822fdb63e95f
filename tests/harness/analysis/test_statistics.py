"""Statistics against simulated data whose truth is known."""

from math import isnan, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from harness.analysis.statistics import holm, holm_of, mean_interval


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


def test_holm_of_a_case_worked_by_hand():
    # Sorted .01, .02, .03 times 3, 2, 1 is .03, .04, .03, and never falls: .03, .04, .04.
    assert holm([0.02, 0.03, 0.01]) == pytest.approx([0.04, 0.04, 0.03])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []


def test_what_could_not_be_tested_takes_no_part_in_the_correction() -> None:
    assert holm_of({"a": 0.01, "none": nan, "b": 0.04}) == {"a": 0.02, "b": 0.04}
    assert holm_of({"none": nan}) == {}


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

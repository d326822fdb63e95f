"""Correlations agree with scipy's, and mean what they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.evaluation.syntax.similarity import cosines, pearson, spearman, unit

COLUMNS = st.lists(
    st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=3, max_size=30
).map(lambda rows: np.array(rows, dtype=np.float64))


@given(COLUMNS)
def test_correlations_are_those_of_scipy(columns: np.ndarray) -> None:
    first, second = columns.T
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        assert pearson(first, second) == spearman(first, second) == 0
        return
    assert pearson(first, second) == pytest.approx(stats.pearsonr(first, second)[0], abs=1e-9)
    assert spearman(first, second) == pytest.approx(stats.spearmanr(first, second)[0], abs=1e-9)


@given(COLUMNS)
def test_ranks_ignore_scale_and_pearson_ignores_units(columns: np.ndarray) -> None:
    first, second = columns.T
    assert spearman(first**3, second) == pytest.approx(spearman(first, second), abs=1e-9)
    assert pearson(2 * first + 1, second) == pytest.approx(pearson(first, second), abs=1e-9)


def test_cosines_by_hand() -> None:
    first = np.array([[1, 0], [2, 0], [3, 3], [0, 0]], dtype=np.float32)
    second = np.array([[5, 0], [0, 1], [-1, -1], [1, 1]], dtype=np.float32)
    assert cosines(first, second) == pytest.approx([1, 0, -1, 0])
    lengths = np.linalg.norm(unit(first), axis=1)
    assert lengths == pytest.approx([1, 1, 1, 0])

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import UserError
from data.quotas import (
    Sizes,
    balanced_correlation,
    cell_quota,
    check_correlation,
    check_enough,
    fits,
    largest,
    majority_cells,
    smallest,
)

shapes = st.lists(st.integers(2, 4), min_size=2, max_size=3).map(tuple)


def tuples_of(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    cells = list(itertools.product(*map(range, shape)))
    return [cells[i] for i in majority_cells(shape)]


def test_majority_of_two_by_two_is_the_diagonal() -> None:
    assert tuples_of((2, 2)) == [(0, 0), (1, 1)]
    assert balanced_correlation((2, 2)) == 0.5


def test_majority_of_two_by_three_by_four_wraps_around() -> None:
    assert tuples_of((2, 3, 4)) == [(0, 0, 0), (0, 2, 2), (1, 0, 3), (1, 1, 1)]
    assert balanced_correlation((2, 3, 4)) == pytest.approx(4 / 24)


@given(shapes, st.integers(0, 3000), st.floats(0.5, 0.99))
def test_quota_meets_total_and_correlation(shape: tuple[int, ...], total: int, rho: float) -> None:
    quota = cell_quota(shape, total, rho)
    majority = majority_cells(shape)
    minority = np.setdiff1d(np.arange(len(quota)), majority)
    assert quota.sum() == total
    assert abs(quota[majority].sum() - rho * total) <= 0.5 + 1e-6
    for cells in (majority, minority):
        assert np.ptp(quota[cells]) <= 1


def test_quota_of_the_usual_sizes() -> None:
    assert cell_quota((2, 2), 2200, 0.85).tolist() == [935, 165, 165, 935]
    assert cell_quota((2, 2), 2200, 0.5).tolist() == [550] * 4
    assert cell_quota((2, 2), 10, 0.85).tolist() == [5, 1, 0, 4]


@given(shapes, st.floats(0.5, 0.97))
def test_smallest_is_the_least_total_without_an_empty_cell(
    shape: tuple[int, ...], rho: float
) -> None:
    least = smallest(shape, rho)
    assert cell_quota(shape, least, rho).min() == 1
    assert all(cell_quota(shape, total, rho).min() == 0 for total in range(1, least))


@given(shapes, st.floats(0.5, 0.95), st.data())
def test_largest_fits_and_more_does_not(
    shape: tuple[int, ...], rho: float, data: st.DataObject
) -> None:
    cells = math.prod(shape)
    sizes = st.lists(st.integers(0, 400), min_size=cells, max_size=cells)
    available = np.array(data.draw(sizes), dtype=np.int64)
    train, valid = largest(shape, available, rho)
    least = smallest(shape, rho)
    if train == 0:
        assert not fits(shape, available, least, least, rho)
        return
    assert fits(shape, available, train, valid, rho)
    assert valid >= least
    assert not fits(shape, available, train + 2 * cells, valid + cells, rho)


@pytest.mark.parametrize("rho", [-0.1, 0.0, 0.49, 1.0, 1.5, math.nan, math.inf])
def test_impossible_correlation_is_refused(rho: float) -> None:
    with pytest.raises(UserError, match=r"outside its range; ask for one from 0.5 \(balanced\)"):
        check_correlation((2, 2), rho)
    check_correlation((2, 2), 0.5)
    check_correlation((2, 2), 0.999)


def test_lowest_correlation_depends_on_the_classes() -> None:
    check_correlation((2, 3), 0.5)
    check_correlation((3, 3), 0.3333)
    with pytest.raises(UserError, match=r"0\.167"):
        check_correlation((2, 3, 4), 0.1)


def enough(available: list[int], train: int, valid: int, rho: float) -> None:
    check_enough(
        "films",
        (2, 2),
        cell_names=("p-x", "p-y", "q-x", "q-y"),
        available=np.array(available),
        train=train,
        valid=valid,
        correlation=rho,
    )


def test_shortage_names_cell_rows_and_what_fits() -> None:
    with pytest.raises(UserError) as caught:
        enough([1000, 1000, 120, 1000], 1000, 100, 0.5)
    message = str(caught.value)
    assert "films: cell q-x has 120 rows" in message
    assert "needs 275 (250 + 25)" in message
    assert "a correlation from .79 to .98 would fit" in message
    assert "at most 439 training and 44 validation rows" in message
    assert "\n" not in message
    enough([1000, 1000, 120, 1000], 1000, 100, 0.79)
    enough([1000, 1000, 120, 1000], 439, 44, 0.5)


def test_empty_cell_names_the_least_size() -> None:
    with pytest.raises(UserError, match=r"leaves cell .* each needs 31 at least"):
        enough([100] * 4, 40, 20, 0.95)
    enough([100] * 4, 40, 31, 0.95)


def test_nothing_fits() -> None:
    with pytest.raises(UserError, match="nothing fits"):
        enough([100, 0, 100, 100], 40, 40, 0.5)


@pytest.mark.parametrize(
    "sizes", [{"train": 0, "valid": 1}, {"train": 5}, {"evaluation_per_cell": 0}]
)
def test_senseless_sizes_are_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(UserError, match="size"):
        Sizes(**sizes)

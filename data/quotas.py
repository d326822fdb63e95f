"""How many rows of each cell a sample at some correlation needs, and what fits into what is there.

The correlation rho is the share of the sample in the majority cells. With t running over the
classes of the aspect that has most of them, the majority cells are those where every aspect k
with n_k classes stands at class t mod n_k; they share rho equally, the others 1 - rho. For two
aspects of two classes these are the cells (0, 0) and (1, 1), and rho = .5 is balanced.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.errors import UserError
from data.rows import IntArray

VALID_SHARE = 0.125
"""Validation rows for each training row where no sizes are asked: about those of the tasks."""


@dataclass(frozen=True)
class Sizes:
    """Rows to draw; None means as many as there are.

    Attributes
    ----------
    train, valid : rows in all cells together.
    evaluation_per_cell : rows in each cell.
    """

    train: int | None = None
    valid: int | None = None
    evaluation_per_cell: int | None = None

    def __post_init__(self) -> None:
        if (self.train is None) != (self.valid is None):
            raise UserError("give the sizes of train and valid both, or neither")
        for name in ("train", "valid", "evaluation_per_cell"):
            size = getattr(self, name)
            if size is not None and size < 1:
                raise UserError(f"the size {name} is {size}; it must be at least 1")


def majority_cells(shape: Sequence[int]) -> IntArray:
    """int64 [max(shape)]: the numbers of the majority cells, row-major, ascending.

    Parameters
    ----------
    shape : the number of classes of each aspect.
    """
    steps = range(max(shape))
    cells = {int(np.ravel_multi_index([t % n for n in shape], tuple(shape))) for t in steps}
    return np.array(sorted(cells), dtype=np.int64)


def balanced_correlation(shape: Sequence[int]) -> float:
    """The correlation at which all cells are alike: the least one that can be asked."""
    return len(majority_cells(shape)) / math.prod(shape)


def check_correlation(shape: Sequence[int], correlation: float) -> None:
    """Refuse a correlation at which the majority cells are no majority, or the only cells.

    Raises
    ------
    UserError : names the possible range.
    """
    least = balanced_correlation(shape)
    # Written to refuse nan as well; the slack lets 1/3 be written as .3333.
    if not (least - 1e-3 <= correlation < 1):
        raise UserError(
            f"the correlation {correlation:g} is outside its range; ask for one from "
            f"{least:.3g} (balanced) to below 1"
        )


def cell_quota(shape: Sequence[int], total: int, correlation: float) -> IntArray:
    """int64 [cells]: how many of `total` rows each cell gets; they sum to `total`.

    The majority cells get round(rho * total) rows. Where a share does not divide evenly, the first
    cells get one row more.
    """
    quota = np.zeros(math.prod(shape), dtype=np.int64)
    majority = majority_cells(shape)
    minority = np.setdiff1d(np.arange(len(quota)), majority)
    # A whisker above one half, so that .85 * 10 rows rounds up on every machine.
    first = math.floor(correlation * total + 0.5 + 1e-9) if len(minority) else total
    for cells, rows in ((majority, first), (minority, total - first)):
        if len(cells):
            quota[cells] = rows // len(cells)
            quota[cells[: rows % len(cells)]] += 1
    return quota


def training_quota(
    shape: Sequence[int], train: int, valid: int, correlation: float
) -> tuple[IntArray, IntArray]:
    """The quotas, int64 [cells] each, of training and validation rows at one correlation."""
    return cell_quota(shape, train, correlation), cell_quota(shape, valid, correlation)


def fits(
    shape: Sequence[int], available: IntArray, train: int, valid: int, correlation: float
) -> bool:
    """Whether the rows at hand cover both quotas, with a row of each cell in both."""
    quotas = training_quota(shape, train, valid, correlation)
    return bool(np.all(sum(quotas) <= available) and min(map(np.min, quotas)) > 0)


def largest(
    shape: Sequence[int], available: IntArray, correlation: float, valid_share: float = VALID_SHARE
) -> tuple[int, int]:
    """The most training rows, and the validation rows in proportion, that fit; (0, 0) if none."""
    upper = int(available.sum() / (1 + valid_share)) + 1
    low, high = 0, upper
    # Quotas grow with the total but for rounding, so bisect and then look a few rows around.
    while low < high:
        middle = (low + high + 1) // 2
        quotas = training_quota(shape, middle, _valid(middle, valid_share), correlation)
        low, high = (middle, high) if np.all(sum(quotas) <= available) else (low, middle - 1)
    for train in range(min(low + len(available), upper), 0, -1):
        valid = _valid(train, valid_share)
        if fits(shape, available, train, valid, correlation):
            return train, valid
        if train < low - 4 * len(available):
            break
    return 0, 0


def check_enough(
    shape: Sequence[int],
    cell_names: Sequence[str],
    available: IntArray,
    *,
    train: int,
    valid: int,
    correlation: float,
) -> None:
    """Refuse sizes that the rows at hand cannot fill.

    Raises
    ------
    UserError : names the worst cell, how many rows it has and needs, and what would fit.
    """
    if fits(shape, available, train, valid, correlation):
        return
    quotas = training_quota(shape, train, valid, correlation)
    need = quotas[0] + quotas[1]
    lack = need - available
    if lack.max() > 0:
        cell = int(lack.argmax())
        problem = (
            f"cell {cell_names[cell]} has {available[cell]} rows for training and validation, but "
            f"correlation {correlation:g} needs {need[cell]} ({quotas[0][cell]} + "
            f"{quotas[1][cell]})"
        )
    else:
        cell = int(np.minimum(*quotas).argmin())
        problem = (
            f"{train} training and {valid} validation rows at correlation {correlation:g} leave "
            f"cell {cell_names[cell]} without a row in one of them"
        )
    raise UserError(f"{problem}; {_remedy(shape, available, train, valid, correlation)}")


def _remedy(
    shape: Sequence[int], available: IntArray, train: int, valid: int, correlation: float
) -> str:
    advice = []
    least = balanced_correlation(shape)
    grid = [round(step / 100, 2) for step in range(math.ceil(least * 100 - 1e-9), 100)]
    good = [rho for rho in grid if fits(shape, available, train, valid, rho)]
    if good:
        span = f"from {good[0]:.2f} to {good[-1]:.2f}" if len(good) > 1 else f"of {good[0]:.2f}"
        advice.append(f"a correlation {span} would fit")
    most, beside = largest(shape, available, correlation, valid / train)
    if 0 < most < train:
        advice.append(f"at most {most} training and {beside} validation rows fit at this one")
    return ", or ".join(advice) or "no correlation and no smaller size fits: more rows are needed"


def _valid(train: int, share: float) -> int:
    return max(1, math.floor(train * share + 0.5))

"""How many rows of each cell a sample at some correlation needs, and which sizes fit.

The correlation rho is the share of the sample in the majority cells. With t running over the
classes of the aspect that has most of them, the majority cells are those where every aspect k
with n_k classes stands at class t mod n_k; they share rho equally, the others 1 - rho. For two
aspects of two classes these are the cells (0, 0) and (1, 1), and rho = .5 is balanced.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from data.errors import UserError
from data.rows import IntArray

VALID_SHARE = 0.125
"""Validation rows for each training row where no sizes are asked: about those of the tasks."""


@dataclass(frozen=True)
class Sizes:
    """Rows to draw; None means as many as there are.

    `train`, `valid`: rows in all cells together. `evaluation_per_cell`: rows in each cell.
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

    `shape`: the number of classes of each aspect.
    """
    steps = range(max(shape))
    cells = {int(np.ravel_multi_index([t % n for n in shape], tuple(shape))) for t in steps}
    return np.array(sorted(cells), dtype=np.int64)


def balanced_correlation(shape: Sequence[int]) -> float:
    """The correlation at which all cells are alike: the least one that can be asked."""
    return len(majority_cells(shape)) / math.prod(shape)


def check_correlation(shape: Sequence[int], correlation: float) -> None:
    """Refuse a correlation at which the majority cells are no majority, or the only cells.

    UserError where it is; the message names the possible range.
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
    # Slightly above one half, so that .85 * 10 rows rounds up on every machine.
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


def smallest(shape: Sequence[int], correlation: float) -> int:
    """The least total of a sample that has a row of each cell."""
    cells, majority = math.prod(shape), len(majority_cells(shape))
    total = max(
        cells,
        math.floor((majority - 0.5) / correlation) - 1,
        math.floor((cells - majority - 0.5) / (1 - correlation)) - 1,
    )
    while cell_quota(shape, total, correlation).min() < 1:
        total += 1
    return total


def largest(
    shape: Sequence[int], available: IntArray, correlation: float, valid_share: float = VALID_SHARE
) -> tuple[int, int]:
    """The most training rows, and validation rows in proportion, that fit; (0, 0) if none.

    There are never fewer validation rows than give each cell a row.
    """
    least = smallest(shape, correlation)

    def beside(train: int) -> int:
        return max(least, math.floor(train * valid_share + 0.5))

    low, high = 0, int(available.sum())
    while low < high:
        middle = (low + high + 1) // 2
        quotas = training_quota(shape, middle, beside(middle), correlation)
        low, high = (middle, high) if np.all(sum(quotas) <= available) else (low, middle - 1)
    # Rounding makes the quotas of single cells uneven, so the bisection may stop a few rows short.
    for train in range(low + len(available), max(low - len(available), 0), -1):
        if fits(shape, available, train, beside(train), correlation):
            return train, beside(train)
    return 0, 0


def check_enough(
    name: str,
    shape: Sequence[int],
    *,
    cell_names: Sequence[str],
    available: IntArray,
    train: int,
    valid: int,
    correlation: float,
    left_out: Callable[[int], str] = lambda cell: "",
) -> None:
    """Refuse sizes that the rows at hand cannot fill.

    Parameters
    ----------
    name : of the task, for the message.
    shape : the number of classes of each aspect.
    cell_names : of all cells in their order.
    available : int64 [cells], rows for training and validation together.
    left_out : what is said of the rows of a cell that are not there, for the message.

    Raises
    ------
    UserError : names the cell with the largest shortage, how many rows it has and needs, and what
        would fit.
    """
    if fits(shape, available, train, valid, correlation):
        return
    quotas = training_quota(shape, train, valid, correlation)
    lack = quotas[0] + quotas[1] - available
    cell = int(lack.argmax())
    if lack[cell] > 0:
        problem = (
            f"cell {cell_names[cell]} has {available[cell]} rows for training and validation, but "
            f"correlation {correlation:g} needs {quotas[0][cell] + quotas[1][cell]} "
            f"({quotas[0][cell]} + {quotas[1][cell]}){left_out(cell)}"
        )
    else:
        cell = int(np.minimum(*quotas).argmin())
        problem = (
            f"correlation {correlation:g} leaves cell {cell_names[cell]} without a row among "
            f"{train} training or {valid} validation rows: each needs "
            f"{smallest(shape, correlation)} at least"
        )
    raise UserError(f"{name}: {problem}; {_remedy(shape, available, train, valid, correlation)}")


def _remedy(
    shape: Sequence[int], available: IntArray, train: int, valid: int, correlation: float
) -> str:
    advice = []
    first = math.ceil(balanced_correlation(shape) * 100 - 1e-9)
    good = [rho for rho in range(first, 100) if fits(shape, available, train, valid, rho / 100)]
    if good:
        span = f"from .{good[0]:02d} to .{good[-1]:02d}" if len(good) > 1 else f"of .{good[0]:02d}"
        advice.append(f"a correlation {span} would fit")
    most, beside = largest(shape, available, correlation, valid / train)
    if 0 < most < train:
        advice.append(f"at {correlation:g} at most {most} training and {beside} validation rows do")
    return ", and ".join(advice) or "nothing fits: give more rows, or fewer to the evaluation"

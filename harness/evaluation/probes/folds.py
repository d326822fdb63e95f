"""Folds that keep groups together, the outer ones and those within them."""

import warnings
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from data.errors import UserError
from data.rows import IntArray, Rows
from harness.evaluation.probes.family import Fold

FOLDS = 5


def group_folds(rows: Rows, *, seed: int) -> tuple[Fold, ...]:
    """Group-disjoint folds with about equal shares of every cell.

    One pair (fitting positions, scoring positions) a fold; the scoring parts tile all rows.
    UserError where there are fewer groups, or fewer rows a cell, than folds, or where a fold leaves
    a class without any row to fit on.
    """
    names, groups = np.unique(rows.groups, return_inverse=True)
    if len(names) < FOLDS:
        raise UserError(
            f"the evaluation rows fall into {len(names)} groups, but probes are cross-fitted over "
            f"{FOLDS}; give more groups, or no group column"
        )
    counts = rows.cell_counts()
    fullest = max(counts.values())
    if fullest < FOLDS:
        raise UserError(
            f"there are {fullest} evaluation rows a cell, but probes are cross-fitted over {FOLDS} "
            "folds; give more rows of the scarcest cell, or classes with more rows"
        )
    pairs = _stratified(rows.cells.tobytes(), groups.astype(np.int64).tobytes(), seed % 2**32)
    for aspect in rows.aspects:
        labels = rows.labels[aspect.name]
        for fitting, _ in pairs:
            missing = np.setdiff1d(np.arange(len(aspect.classes)), labels[fitting])
            if missing.size:
                raise UserError(
                    f"a probe for {aspect.name!r} would see no row of class "
                    f"{aspect.classes[missing[0]]!r}; draw more evaluation rows for each cell"
                )
    return pairs


@lru_cache(maxsize=16)
def _stratified(cells: bytes, groups: bytes, seed: int) -> tuple[Fold, ...]:
    """The folds of int64 [n] cells and groups, split once for all methods and probes on a draw."""
    from sklearn.model_selection import StratifiedGroupKFold

    of_cell, of_group = (np.frombuffer(each, dtype=np.int64) for each in (cells, groups))
    splitter = StratifiedGroupKFold(n_splits=FOLDS, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # Cells smaller than the number of folds are usual with many aspects.
        warnings.filterwarnings("ignore", message="The least populated class")
        return tuple(splitter.split(of_cell, of_cell, of_group))


def fold_of_rows(folds: Sequence[Fold]) -> IntArray:
    """int64 [n]: the fold in which each row is scored."""
    numbers = np.zeros(sum(len(scoring) for _, scoring in folds), dtype=np.int64)
    for number, (_, scoring) in enumerate(folds):
        numbers[scoring] = number
    return numbers


def inner_parts(folds: Sequence[Fold], kept: NDArray[np.bool_]) -> dict[tuple[int, int], Fold]:
    """The parts on which strengths are compared, by the two folds that each leaves out.

    The inner folds of an outer training part are the other outer folds. A probe fitted without
    folds i and j serves both: scored on j it belongs to the choice for i, and the other way round,
    so that five folds take ten inner fits for each strength and not twenty. Rows take part where
    `kept`, bool [n], says so. ValueError for fewer than three folds, which leave nothing to fit on.
    """
    if len(folds) < 3:
        raise ValueError(f"strengths are chosen among three folds or more, not {len(folds)}")
    number = fold_of_rows(folds)
    return {
        pair: (
            np.flatnonzero(kept & ~np.isin(number, pair)),
            np.flatnonzero(kept & np.isin(number, pair)),
        )
        for pair in combinations(range(len(folds)), 2)
    }


def kept_groups(groups: IntArray, share: float, *, seed: int) -> NDArray[np.bool_]:
    """bool [n]: whole groups, in a seeded order, until they hold this share of the rows."""
    names, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(names))
    before = np.cumsum(sizes[order]) - sizes[order]
    taken = np.zeros(len(names), dtype=np.bool_)
    taken[order[before < share * len(groups)]] = True
    return taken[codes]

"""Drawing the parts of a task: correlated training and validation rows, balanced evaluation rows.

The order is: minimal pairs and what shares their groups, duplicates out, evaluation, validation,
training. No group stands in two parts. The evaluation rows depend on the seed and, where groups are
large, on the sizes, but not on the correlation as long as it leaves them room: curves over
correlations compare like with like.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from data.duplicates import distinct
from data.errors import UserError
from data.grouping import GroupCells, chosen_groups
from data.minimal_pairs import held_by
from data.quotas import Sizes, check_correlation, check_enough, largest, smallest, training_quota
from data.rows import IntArray, Pairs, Rows, Splits, TrainingTask

BoolArray = NDArray[np.bool_]

SHUFFLES = 20
"""Random orders of the groups that are tried before a draw is given up."""


@dataclass(frozen=True)
class Pool:
    """All rows of a task, and which parts each may serve.

    `rows`: n rows; duplicates may still be among them. `training`: bool [n]: may stand among the
    training or validation rows. `evaluation`: bool [n]: may stand among the evaluation rows.
    """

    rows: Rows
    training: BoolArray
    evaluation: BoolArray

    @classmethod
    def without_official_split(cls, rows: Rows) -> Pool:
        """A pool in which every row may serve every part."""
        every = np.ones(len(rows), dtype=np.bool_)
        return cls(rows, every, every)


class _TooCoarseError(Exception):
    """No way was found to split the groups."""


def draw_splits(
    pool: Pool,
    name: str,
    *,
    correlation: float,
    seed: int,
    sizes: Sizes = Sizes(),  # noqa: B008
    most: Sizes = Sizes(),  # noqa: B008
    identity: str = "",
    pairs: Pairs | None = None,
) -> Splits:
    """One draw: exact counts in each cell, groups and texts disjoint, deterministic.

    Parameters
    ----------
    pool : the rows of the task.
    name : of the task, for messages.
    correlation : share of the training rows, and of the validation rows, in the majority cells.
    seed : zero or more.
    sizes : with no number of evaluation rows, every balanced row there is or, where the same rows
        might serve for training, half of the scarcest cell; with no training size, the most that
        fit beside them.
    most : limits of what is drawn where no sizes are asked.
    identity : takes part in the seed; by default the name.
    pairs : minimal pairs, whose groups are numbered as those of the pool, or below 0.

    Raises
    ------
    UserError : an aspect has one class only, the correlation is impossible, or a cell has too few
        rows; the message says how many there are, what was left out before, and what would fit.
    """
    if seed < 0:
        raise UserError(f"the seed is {seed}; it must be zero or more")
    _check_classes(pool.rows, name)
    shape = tuple(len(aspect.classes) for aspect in pool.rows.aspects)
    check_correlation(shape, correlation)
    once, held, cells = distinct(pool.rows), held_by(pairs, pool.rows), pool.rows.cells

    def left_out(cell: int | None = None) -> str:
        among = slice(None) if cell is None else cells == cell
        count = int(held[among].sum())
        kept = f" ({count:,} more are of groups with minimal pairs)" if count else ""
        return once.said(among) + kept

    keep = np.flatnonzero(once.keep & ~held)
    pool = Pool(pool.rows.take(keep), pool.training[keep], pool.evaluation[keep])
    draw = _Draw(pool, name, left_out, identity or name, shape, correlation, seed)
    per_cell = draw.evaluation_size(sizes.evaluation_per_cell, most.evaluation_per_cell)
    available = draw.training_rows_beside(per_cell)
    if sizes.train is not None and sizes.valid is not None:
        train, valid = sizes.train, sizes.valid
    else:
        train, valid = largest(shape, available, correlation)
        if train > (most.train or train):
            least = smallest(shape, correlation)
            train, valid = max(most.train or 0, least), max(most.valid or 0, least)
        if not train:
            # Nothing fits, and the check below says what is missing for the smallest draw.
            train = valid = smallest(shape, correlation)
    while True:
        check_enough(
            name,
            shape,
            cell_names=pool.rows.cell_names,
            available=available,
            train=train,
            valid=valid,
            correlation=correlation,
            left_out=lambda cell: draw.kept_out(cell, per_cell),
        )
        try:
            return replace(draw.splits(per_cell, train, valid), pairs=pairs)
        except _TooCoarseError:
            less = int(train * 0.95), max(int(valid * 0.95), smallest(shape, correlation))
            if sizes.train is not None or less[0] < smallest(shape, correlation):
                raise UserError(
                    f"{name}: the groups are too large to part into {train} training, {valid} "
                    f"validation and {per_cell} evaluation rows a cell{left_out()}; ask for "
                    "fewer rows"
                ) from None
        # Large groups waste rows, so the draw shrinks until they can be split.
        train, valid = less


@dataclass
class _Draw:
    """What one draw works on: a pool without duplicates.

    `left_out` says what was left out of a cell, or of all, before anything was drawn, and why.
    """

    pool: Pool
    name: str
    left_out: Callable[..., str]
    identity: str
    shape: tuple[int, ...]
    correlation: float
    seed: int

    def generator(self, part: str) -> np.random.Generator:
        # One stream for each part, so that a larger one does not change the others.
        words = [zlib.crc32(word.encode()) for word in (self.identity, part)]
        return np.random.default_rng([self.seed, *words])

    def counts(self, mask: BoolArray) -> IntArray:
        """int64 [cells]: the rows of each cell where the mask is true."""
        cells = len(self.pool.rows.cell_names)
        return np.bincount(self.pool.rows.cells[mask], minlength=cells).astype(np.int64)

    @cached_property
    def contested(self) -> BoolArray:
        """bool [n]: rows whose group may serve both sides."""
        groups = self.pool.rows.groups
        both = np.intersect1d(groups[self.pool.training], groups[self.pool.evaluation])
        return np.isin(groups, both)

    def lack(self, per_cell: int) -> IntArray:
        """int64 [cells]: rows that evaluation needs of groups that may serve both sides."""
        free = self.counts(self.pool.evaluation & ~self.contested)
        return np.maximum(per_cell - free, 0)

    def evaluation_size(self, asked: int | None, most: int | None) -> int:
        """Rows of each cell to evaluate on: so many, or those that there are but `most` at most."""
        counts = self.counts(self.pool.evaluation)
        cell = int(counts.argmin())
        if asked is None:
            asked = int(counts[cell]) // (2 if (self.contested & self.pool.evaluation).any() else 1)
            asked = min(asked, most or asked)
        remedy = f"ask for at most {counts[cell]} a cell" if counts[cell] and asked else ""
        if counts[cell] < asked or asked == 0:
            raise UserError(
                f"{self.name}: cell {self.pool.rows.cell_names[cell]} has {counts[cell]} rows "
                f"for evaluation and needs {max(asked, 2)}{self.left_out(cell)}; "
                + (remedy or "give it more rows, or choose aspects with fewer classes")
            )
        return asked

    def training_rows_beside(self, per_cell: int) -> IntArray:
        """int64 [cells]: rows left for training when evaluation has taken its own."""
        rest: IntArray = np.maximum(self.counts(self.pool.training) - self.lack(per_cell), 0)
        return rest

    def kept_out(self, cell: int, per_cell: int) -> str:
        """What became of a cell's rows that are not left for training."""
        lack = int(self.lack(per_cell)[cell])
        kept = f", beside {lack} rows kept for evaluation" if lack else ""
        return kept + self.left_out(cell)

    def splits(self, per_cell: int, train: int, valid: int) -> Splits:
        """The parts, once their sizes are fixed."""
        rows, pool = self.pool.rows, self.pool
        quotas = training_quota(self.shape, train, valid, self.correlation)
        contested, lack = self.contested, self.lack(per_cell)
        moved = self.split_groups(
            pool.evaluation & contested,
            pool.training & contested,
            need=lack,
            keep=np.maximum(sum(quotas) - self.counts(pool.training & ~contested), 0),
            part="evaluation groups",
        )
        evaluation = pool.evaluation & (~contested | moved)
        training = pool.training & ~moved
        held_out = self.split_groups(
            training, training, need=quotas[1], keep=quotas[0], part="validation groups"
        )
        return Splits(
            training=TrainingTask(
                self.name,
                rows.aspects,
                self.correlation,
                train=_bare(self.sampled(training & ~held_out, quotas[0], "train")),
                valid=_bare(self.sampled(training & held_out, quotas[1], "valid")),
            ),
            evaluation=self.sampled(evaluation, np.full_like(lack, per_cell), "evaluation"),
            left_out=self.left_out(),
        )

    def split_groups(
        self, gained: BoolArray, lost: BoolArray, *, need: IntArray, keep: IntArray, part: str
    ) -> BoolArray:
        """bool [n]: rows of whole groups with at least `need` of the gained rows in each cell.

        The groups that stay behind hold at least `keep` of the rows marked `lost`.
        """
        if not need.any():
            return np.zeros(len(self.pool.rows), dtype=np.bool_)
        groups, index = np.unique(self.pool.rows.groups, return_inverse=True)
        cells = self.pool.rows.cells
        shape = len(groups), len(self.pool.rows.cell_names)
        gain, loss = (GroupCells.of(index[m], cells[m], shape) for m in (gained, lost))
        rng = self.generator(part)
        for _ in range(SHUFFLES):
            taken = chosen_groups(gain, loss, need, keep, rng)
            if taken is not None:
                return taken[index]
        raise _TooCoarseError

    def sampled(self, mask: BoolArray, quota: IntArray, part: str) -> Rows:
        """A random sample with exactly `quota` rows of each cell, in random order."""
        rng = self.generator(part)
        cells = self.pool.rows.cells
        picked = [
            rng.choice(np.flatnonzero(mask & (cells == cell)), size=count, replace=False)
            for cell, count in enumerate(quota.tolist())
            if count
        ]
        return self.pool.rows.take(rng.permutation(np.concatenate(picked)))


def _bare(rows: Rows) -> Rows:
    """The rows without what no method may learn from."""
    return replace(rows, details={}, sources=())


def _check_classes(rows: Rows, name: str) -> None:
    for aspect in rows.aspects:
        present = np.unique(rows.labels[aspect.name])
        if len(aspect.classes) < 2 or len(present) < 2:
            only = f"only the class {aspect.classes[int(present[0])]!r}" if len(present) else "none"
            raise UserError(
                f"{name}: the aspect {aspect.name!r} needs two or more classes and has {only}; "
                "choose another column or corpus"
            )

"""Tasks with labels: aspects of a corpus, and cells drawn at a correlation."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from data.corpus import Corpus
from data.quotas import Sizes
from data.rows import IntArray, Rows, Splits
from data.splits import Pool, draw_splits
from data.tasks.task import Task


class LabelledTask(Task):
    """Aspects of a corpus, and how training, validation and evaluation rows are drawn.

    A subclass says in `pool` which rows there are. The order of the aspects and of their classes
    fixes the cells and the majority among them; see `data.quotas`.
    """

    kind = "aspects"
    default_correlation = 0.85
    embedded_sizes: ClassVar[Sizes] = Sizes(train=1000, valid=200, evaluation_per_cell=200)

    @abstractmethod
    def pool(self, corpus: Corpus) -> Pool:
        """The rows of the task in a corpus, and which parts each may serve.

        Raises
        ------
        UserError : the corpus has no rows for the options.
        """

    def drawn(self, corpus: Corpus, correlation: float, seed: int, sizes: Sizes) -> Splits:
        """See `data.splits.draw_splits`."""
        pool = self.pool(corpus)
        return draw_splits(
            pool,
            self.name,
            identity=self.identity(corpus),
            correlation=correlation,
            seed=seed,
            sizes=sizes,
            most=self.most(pool.rows),
        )

    def most(self, rows: Rows) -> Sizes:
        """The sizes that a draw does not exceed where none are asked; by default no limit."""
        return Sizes()


def coded(values: Sequence[str], codes: Mapping[str, int]) -> IntArray:
    """int64 [n]: the class position of each value."""
    return np.array([codes[value] for value in values], dtype=np.int64)


def numbered(values: Sequence[str]) -> IntArray:
    """int64 [n]: equal values get equal numbers, in order of first appearance."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values], dtype=np.int64)

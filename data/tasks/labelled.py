"""Tasks with labels: aspects of a corpus, and cells drawn at a correlation."""

from abc import abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from typing import ClassVar

import numpy as np

from data.corpus import Corpus
from data.minimal_pairs import pairs_in
from data.quotas import Sizes
from data.rows import IntArray, Pairs, Rows, Splits
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

        UserError where the corpus has no rows for the options.
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
            pairs=self.pairs(corpus, pool, sizes),
        )

    def pairs(self, corpus: Corpus, pool: Pool, sizes: Sizes) -> Pairs | None:
        """Minimal pairs, where the corpus has any; what shares their groups is in no other part.

        There is one generated text for four evaluation rows, and two flips of it.
        """
        if corpus.pairs is None:
            return None
        frame, rows = corpus.pairs.frame, pool.rows
        if not {aspect.name for aspect in rows.aspects} <= {*frame}:
            # They flip the factors of another task of this corpus.
            return None
        if sizes.evaluation_per_cell is not None:
            texts = sizes.evaluation_per_cell * len(rows.cell_names) // 4
            frame = frame[frame["pair"] < texts]
        # Of no group of the corpus, since no film and no author has written one of them.
        return pairs_in(frame, rows.aspects, -1 - frame["pair"].to_numpy(np.int64))

    def most(self, rows: Rows) -> Sizes:
        """The sizes that a draw does not exceed where none are asked; by default no limit."""
        return Sizes()


def coded(values: Sequence[str], codes: Mapping[str, int]) -> IntArray:
    """int64 [n]: the class position of each value."""
    return np.array([codes[value] for value in values], dtype=np.int64)


def numbered(values: Sequence[Hashable]) -> IntArray:
    """int64 [n]: equal values get equal numbers, in order of first appearance."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values], dtype=np.int64)

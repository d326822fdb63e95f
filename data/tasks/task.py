"""What a task is: aspects of a corpus, and how its parts are drawn.

A task is a class in a file of its own in this folder, found by reading the folder.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from data import corpora
from data.corpus import Corpus
from data.errors import UserError
from data.quotas import Sizes
from data.rows import IntArray, Splits
from data.splits import Pool, draw_splits


class Task(ABC):
    """Aspects of a corpus, and how training, validation and evaluation rows are drawn.

    A subclass gives `name` as a literal string, opens its docstring with one line for listings,
    and says in `pool` which rows there are. The order of the aspects and of their classes fixes
    the cells and the majority among them; see `data.quotas`.
    """

    name: str
    """The name on the command line and in tables; an instance with options may lengthen it."""

    corpus: ClassVar[str]
    """The name of the corpus."""

    default_correlation: ClassVar[float] = 0.85

    local_sizes: ClassVar[Sizes]
    """Rows drawn from a local corpus where no sizes are asked."""

    embedded_sizes: ClassVar[Sizes] = Sizes(train=1200, valid=240, evaluation_per_cell=250)
    """The same for the embedded corpus."""

    @dataclass(frozen=True)
    class Options:
        """What can be chosen about the task, with its defaults."""

    def __init__(self, options: Any = None) -> None:
        self.options: Any = self.Options() if options is None else options

    @property
    def summary(self) -> str:
        """The task in one line."""
        return (type(self).__doc__ or "").split("\n", 1)[0]

    @property
    def settings(self) -> dict[str, Any]:
        """The options as plain values, for the key of a record."""
        return dataclasses.asdict(self.options)

    @abstractmethod
    def pool(self, corpus: Corpus) -> Pool:
        """The rows of the task in a corpus, and which parts each may serve.

        Raises
        ------
        UserError : the corpus has no rows for the options.
        """

    def load(self, data_dir: Path | None) -> Corpus:
        """The corpus from a data folder, or the embedded one; see `data.corpora.load`."""
        return corpora.load(self.corpus, data_dir=data_dir)

    def default_sizes(self, corpus: Corpus) -> Sizes:
        """The sizes of a draw where none are asked."""
        return self.embedded_sizes if corpus.source == "embedded" else self.local_sizes

    def draw(
        self,
        corpus: Corpus,
        *,
        correlation: float | None = None,
        seed: int,
        sizes: Sizes | None = None,
    ) -> Splits:
        """One draw of the task; see `data.splits.draw_splits`.

        Parameters
        ----------
        corpus : what `load` gives.
        correlation : share of the training rows in the majority cells; by default the task's.
        seed : zero or more.
        sizes : by default the task's for this corpus.

        Raises
        ------
        UserError : the correlation is impossible, or a cell has too few rows for it.
        """
        return draw_splits(
            self.pool(corpus),
            self.name,
            correlation=self.default_correlation if correlation is None else correlation,
            seed=seed,
            sizes=self.default_sizes(corpus) if sizes is None else sizes,
        )


def coded(values: Sequence[str], codes: Mapping[str, int]) -> IntArray:
    """int64 [n]: the class position of each value."""
    return np.array([codes[value] for value in values], dtype=np.int64)


def numbered(values: Sequence[str]) -> IntArray:
    """int64 [n]: equal values get equal numbers, in order of first appearance."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values], dtype=np.int64)


def options_for(task: type[Task], given: Mapping[str, Any]) -> Any:
    """The options of a task class from keyword arguments.

    Raises
    ------
    UserError : the task has no such option.
    """
    known = [field.name for field in dataclasses.fields(task.Options)]
    unknown = [name for name in given if name not in known]
    if unknown:
        options = f"its options are {', '.join(known)}" if known else "it has none"
        raise UserError(f"the task {task.name!r} has no option {unknown[0]!r}; {options}")
    return task.Options(**given)

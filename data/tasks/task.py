"""What a task is: parts of a corpus that are drawn for learning and for evaluation.

A task is a class in a file of this folder, found by reading the folder.
"""

import dataclasses
import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

from data import corpora
from data.corpus import Corpus
from data.errors import UserError
from data.quotas import Sizes

LONGEST_NAME = 60


class Draw(Protocol):
    """One draw of a task; the types of its parts belong to the kind of the task."""

    @property
    def training(self) -> Any:
        """All that a method ever sees of the task."""

    @property
    def evaluation(self) -> Any:
        """What the harness alone evaluates on."""


class Task(ABC):
    """A corpus, and how the parts of it that serve learning and evaluation are drawn.

    A subclass gives `name` as a literal string and opens its docstring with one line for listings.
    Most are of a kind that has a base class of its own, such as `data.tasks.labelled.LabelledTask`.
    """

    name: str
    """The name on the command line and in tables; an instance with options may lengthen it."""

    kind: ClassVar[str]
    """What is learned and measured; `harness.evaluation` has one module for each kind."""

    corpus: ClassVar[str]
    """The name of the corpus."""

    default_correlation: ClassVar[float] = 0.0
    """The share of majority cells where none is asked; 0 for kinds that have no cells."""

    local_sizes: ClassVar[Sizes]
    """Rows drawn from a local corpus where no sizes are asked."""

    embedded_sizes: ClassVar[Sizes]
    """The same for the embedded corpus."""

    @dataclass(frozen=True)
    class Options:
        """What can be chosen about the task, with its defaults."""

    def __init__(self, options: Any = None) -> None:
        self.options: Any = self.Options() if options is None else options

    @property
    def settings(self) -> dict[str, Any]:
        """The options as plain values, for the key of a record."""
        return dataclasses.asdict(self.options)

    def identity(self, corpus: Corpus) -> str:
        """What stands for the task in keys and in the seeds of its draws: its name.

        Where a user chose part of the name, as that of a file, it is a hash of the content instead.
        """
        return self.name

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
    ) -> Draw:
        """One draw of the task, deterministic under the seed.

        Parameters
        ----------
        corpus : what `load` gives.
        correlation : share of the training rows in the majority cells; by default the task's.
        seed : zero or more.
        sizes : by default the task's for this corpus; without cells, those of evaluation count
            all rows.

        Raises
        ------
        UserError : the correlation is impossible, or there are too few rows.
        """
        asked = self.default_correlation if correlation is None else correlation
        if asked and not self.default_correlation:
            raise UserError(
                f"{self.name} has no cells and so no correlation; leave --correlation out"
            )
        sizes = self.default_sizes(corpus) if sizes is None else sizes
        return self.drawn(corpus, asked, seed, sizes)

    @abstractmethod
    def drawn(self, corpus: Corpus, correlation: float, seed: int, sizes: Sizes) -> Draw:
        """What `draw` gives, its defaults filled in."""


def options_for(task: type[Task], given: Mapping[str, Any]) -> Any:
    """The options of a task class from keyword arguments.

    UserError where the task has no such option.
    """
    known = [field.name for field in dataclasses.fields(task.Options)]
    unknown = [name for name in given if name not in known]
    if unknown:
        options = f"its options are {', '.join(known)}" if known else "it has none"
        raise UserError(f"the task {task.name!r} has no option {unknown[0]!r}; {options}")
    return task.Options(**given)


def joined(*words: str) -> str:
    """The name of a task in words that a user chose, at most `LONGEST_NAME` characters.

    A longer one is cut short, and ends in 8 hexadecimal digits of the sha256 of all words.
    """
    name = re.sub(r"[^\w.-]+", "-", "-".join(words))
    if len(name) <= LONGEST_NAME:
        return name
    digits = hashlib.sha256(repr(words).encode()).hexdigest()[:8]
    return f"{name[: LONGEST_NAME - 9]}-{digits}"

"""Texts with their aspects, and the parts of a task that are drawn from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Aspect:
    """A named factor of variation and its classes; labels are positions in `classes`."""

    name: str
    classes: tuple[str, ...]

    def codes(self, values: Iterable[str]) -> IntArray:
        """int64 [n]: the position of each of n classes."""
        places = {name: place for place, name in enumerate(self.classes)}
        return np.array([places[value] for value in values], dtype=np.int64)


@dataclass(frozen=True)
class Detail:
    """What a column says of an aspect beyond its classes, such as the rating behind a sentiment.

    `aspect`: the name of the aspect. `values`: float64 [n], a grade, or 1 and 0 for yes and no; nan
    where nothing is known.
    """

    aspect: str
    values: NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """Labelled texts.

    Attributes
    ----------
    ids : n row identifiers, unique in their corpus.
    texts : n texts.
    labels : for each aspect name, int64 [n] class positions.
    groups : int64 [n]; rows of one group (a film) always stay in the same part and fold.
    aspects : the aspects, in the order that fixes the numbering of the cells.
    details : name to what is known of an aspect beyond its classes; no method reads it.
    sources : n names of the corpora that the rows come from, or none where there is one corpus.
    """

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    labels: Mapping[str, IntArray]
    groups: IntArray
    aspects: tuple[Aspect, ...]
    details: Mapping[str, Detail] = field(default_factory=dict)
    sources: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def cells(self) -> IntArray:
        """int64 [n]: the cell of each row, numbered row-major over the aspects' classes."""
        codes = np.zeros(len(self), dtype=np.int64)
        for aspect in self.aspects:
            codes = codes * len(aspect.classes) + self.labels[aspect.name]
        return codes

    @property
    def cell_names(self) -> tuple[str, ...]:
        """Names of all cells in their numbering, such as `horror-positive`."""
        return tuple(map("-".join, product(*(aspect.classes for aspect in self.aspects))))

    def cell_counts(self) -> dict[str, int]:
        """Rows in each cell, empty cells included."""
        counts = np.bincount(self.cells, minlength=len(self.cell_names))
        return {name: int(count) for name, count in zip(self.cell_names, counts, strict=True)}

    def take(self, index: IntArray | Sequence[int]) -> Rows:
        """The rows at these positions, in this order."""
        picked = np.asarray(index, dtype=np.int64)
        return Rows(
            ids=tuple(self.ids[i] for i in picked),
            texts=tuple(self.texts[i] for i in picked),
            labels={name: codes[picked] for name, codes in self.labels.items()},
            groups=self.groups[picked],
            aspects=self.aspects,
            details={
                name: replace(detail, values=detail.values[picked])
                for name, detail in self.details.items()
            },
            sources=tuple(self.sources[i] for i in picked) if self.sources else (),
        )


@dataclass(frozen=True)
class Pairs:
    """Minimal pairs: texts that share everything but the class of one aspect.

    `rows`: m texts; those of one pair are of one group. `first`, `second`: int64 [n], positions
    among the rows. `flipped`: int64 [n], the position of the aspect that differs.
    """

    rows: Rows
    first: IntArray
    second: IntArray
    flipped: IntArray

    @property
    def groups(self) -> IntArray:
        """int64 [n]: the group of each pair."""
        return np.asarray(self.rows.groups[self.first], dtype=np.int64)

    def take(self, index: IntArray) -> Pairs:
        """The pairs at these positions, and their texts alone."""
        kept = np.unique([self.first[index], self.second[index]])
        first, second = (np.searchsorted(kept, at[index]) for at in (self.first, self.second))
        return Pairs(self.rows.take(kept), first, second, self.flipped[index])


@dataclass(frozen=True)
class TrainingTask:
    """All that a method ever sees of a task: correlated training and validation rows.

    Both parts are drawn from the training side of the corpus at the same correlation; no group
    is in both, and none of their groups or texts stands among the evaluation rows.
    """

    name: str
    aspects: tuple[Aspect, ...]
    correlation: float
    train: Rows
    valid: Rows


@dataclass(frozen=True)
class Splits:
    """One draw of a task: what methods learn from, and what the harness alone evaluates on."""

    training: TrainingTask
    evaluation: Rows
    left_out: str = ""
    """What was left out of all rows before anything was drawn and why, in brackets, if any was."""
    pairs: Pairs | None = None
    """Minimal pairs, whose groups and texts stand in no other part; None where there are none."""

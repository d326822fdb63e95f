"""Texts with a label each and typed spans of their characters, and the parts drawn from them."""

from dataclasses import dataclass
from itertools import compress
from typing import NamedTuple

from data.rows import IntArray


class Span(NamedTuple):
    """The characters from `begin` to before `end`, and what they name."""

    begin: int
    end: int
    type: str


SORTS = ("negative", "positive with a span", "positive without")
"""Of texts, as records count them; the label of the last is explained by no scored span."""


@dataclass(frozen=True)
class TaggedRows:
    """Texts with their label, and with spans that may overlap.

    `texts`: n texts. `labels`: int64 [n], 1 or 0. `spans`: of each text, sorted.
    """

    texts: tuple[str, ...]
    labels: IntArray
    spans: tuple[tuple[Span, ...], ...]

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def without_span(self) -> int:
        """Texts of label 1 that have no span."""
        return int(self.labels.sum()) - sum(map(bool, compress(self.spans, self.labels)))


@dataclass(frozen=True)
class TaggingTask:
    """All that a method ever sees of a task; no text stands in two parts.

    `types`: of spans, sorted.
    """

    name: str
    types: tuple[str, ...]
    train: TaggedRows
    valid: TaggedRows


@dataclass(frozen=True)
class TaggingDraw:
    """One draw of a task: what methods learn from, and what the harness alone evaluates on."""

    training: TaggingTask
    evaluation: TaggedRows

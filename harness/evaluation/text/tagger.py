"""The contract of a method that labels texts and tags spans in them, and how it is scored.

It is found by discovery like every method; `harness.contract.learner` has the rest.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self

from data.rows import IntArray
from data.tagging import Span, TaggingTask
from harness.contract.learner import Learner
from harness.system.progress import Progress

if TYPE_CHECKING:
    from harness.encoders.backbones import Backbone


@dataclass(frozen=True)
class Found:
    """What a method finds in n texts.

    `labels`: int64 [n], 1 or 0; None where the method does not learn the label. `spans`: of each
    text, sorted and without overlap; None where it does not learn them.
    """

    labels: IntArray | None
    spans: tuple[tuple[Span, ...], ...] | None


class Tagger(Learner):
    """Labels texts, tags spans in them, or does both."""

    kinds: ClassVar[tuple[str, ...]] = ("tagging",)

    @abstractmethod
    def fit(self, task: TaggingTask, backbone: Backbone, *, seed: int, progress: Progress) -> Self:
        """Learn from `task.train`, choose on `task.valid`; deterministic under `seed`."""

    @abstractmethod
    def read(self, texts: Sequence[str]) -> Found:
        """What is found in the texts, in their order; UserError before `fit` or `load`."""


class Counts(NamedTuple):
    """How many are found rightly, are found, and are there; 0 / 0 counts as 0."""

    right: int
    found: int
    there: int

    @property
    def precision(self) -> float:
        """Share of those found that are right."""
        return self.right / max(self.found, 1)

    @property
    def recall(self) -> float:
        """Share of those there that are found."""
        return self.right / max(self.there, 1)

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        return 2 * self.right / max(self.found + self.there, 1)


def label_counts(found: IntArray, gold: IntArray) -> Counts:
    """Of class 1, from labels int64 [n]."""
    return Counts(int((found & gold).sum()), int(found.sum()), int(gold.sum()))


def span_counts(
    found: Sequence[Sequence[Span]], gold: Sequence[Sequence[Span]], *types: str
) -> Counts:
    """Over all texts (micro): a span is right where begin, end and type are.

    `types`: of the spans that count; all where none are named.
    """
    given, there = (
        {(text, s) for text, own in enumerate(of) for s in own if not types or s.type in types}
        for of in (found, gold)
    )
    return Counts(len(there & given), len(given), len(there))

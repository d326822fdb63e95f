"""The contract of a method that labels texts and tags spans in them, and how it is scored.

It is found by discovery like every method; `harness.contract.learner` has the rest.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

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


def label_scores(found: IntArray, gold: IntArray) -> dict[str, float]:
    """Precision, recall and F1 of class 1, from labels int64 [n]."""
    return _scores(int((found & gold).sum()), int(found.sum()), int(gold.sum()))


def span_scores(
    found: Sequence[Sequence[Span]], gold: Sequence[Sequence[Span]], *types: str
) -> dict[str, float]:
    """The same of spans over all texts (micro): one is right where begin, end and type are.

    `types`: of the spans that count; all where none are named.
    """
    given, there = (
        {(text, s) for text, own in enumerate(of) for s in own if not types or s.type in types}
        for of in (found, gold)
    )
    return _scores(len(there & given), len(given), len(there))


def _scores(right: int, found: int, there: int) -> dict[str, float]:
    """0 / 0 counts as 0."""
    return {
        "precision": right / max(found, 1),
        "recall": right / max(there, 1),
        "f1": 2 * right / max(found + there, 1),
    }

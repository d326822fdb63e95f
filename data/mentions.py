"""Sentences with two marked entities, whose relation methods find without labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np

from data.rows import IntArray

T = TypeVar("T")

Span = tuple[int, int]
"""The first character of an entity in its sentence, and the one behind its last."""


@dataclass(frozen=True)
class Mentions:
    """Sentences in which a head and a tail entity are marked.

    `texts`: n sentences. `spans`, `ids`: n pairs, where head and tail stand, and what they are
    called; equal where the entity is the same. `types`: n pairs, or none where nothing is known.
    """

    texts: tuple[str, ...]
    spans: tuple[tuple[Span, Span], ...]
    ids: tuple[tuple[str, str], ...]
    types: tuple[tuple[str, str], ...] = ()

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def names(self) -> tuple[tuple[str, str], ...]:
        """The words of head and tail as they stand in each sentence."""
        both = zip(self.texts, self.spans, strict=True)
        return tuple((text[slice(*head)], text[slice(*tail)]) for text, (head, tail) in both)

    def take(self, index: Iterable[int]) -> Mentions:
        """The rows at these positions, in this order."""
        at = list(index)

        def taken(column: tuple[T, ...]) -> tuple[T, ...]:
            return tuple(column[i] for i in at) if column else ()

        return Mentions(taken(self.texts), taken(self.spans), taken(self.ids), taken(self.types))

    def in_other_sentences(self, seed: int) -> Mentions:
        """The same pairs of entities, each in the sentence of another pair of the same types.

        The names take the places of the other sentence's, so that entities alone tell the relation.
        Without types all pairs are of one kind.
        """
        random, source = np.random.default_rng([seed, len(self)]), np.arange(len(self))
        kinds = np.array([repr(pair) for pair in self.types] or [""] * len(self))
        for kind in sorted(set(kinds)):
            rows = random.permutation(np.flatnonzero(kinds == kind))
            # One cycle through all of them: no pair but a lonely one keeps its sentence.
            source[rows] = np.roll(rows, 1)
        moved = [self._put(self.names[row], int(at)) for row, at in enumerate(source)]
        texts, spans = zip(*moved, strict=True)
        return replace(self, texts=texts, spans=spans)

    def _put(self, names: tuple[str, str], at: int) -> tuple[str, tuple[Span, Span]]:
        """A sentence with these names at its spans, and where they stand."""
        whole, text, end, placed = self.texts[at], "", 0, {}
        for (start, stop), name, which in sorted(zip(self.spans[at], names, (0, 1), strict=True)):
            text += whole[end:start]
            placed[which] = (len(text), len(text) + len(name))
            text, end = text + name, stop
        return text + whole[end:], (placed[0], placed[1])


@dataclass(frozen=True)
class MentionTask:
    """All that a method ever sees of a task of relations: none of them, and no sentence twice."""

    name: str
    train: Mentions
    valid: Mentions


@dataclass(frozen=True)
class MentionDraw:
    """One draw of a task: what methods learn from, and what the harness alone evaluates with.

    `gold`: int64 [n], the relation of each evaluation row, a position in `relations`.
    """

    training: MentionTask
    evaluation: Mentions
    gold: IntArray
    relations: tuple[str, ...]

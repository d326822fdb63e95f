"""Texts that have several responses, and the parts of a task that are drawn from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Reply(NamedTuple):
    """A response to a context: what a model of responses is asked about."""

    context: str
    response: str


@dataclass(frozen=True)
class Contexts:
    """Contexts, each with the responses that are known for it.

    Attributes
    ----------
    texts : n of them.
    references : n tuples of one response or more.
    """

    texts: tuple[str, ...]
    references: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        return len(self.texts)

    def of(self, texts: Sequence[str]) -> Contexts:
        """Some of the contexts, in this order; of equal ones the first."""
        places = {text: place for place, text in reversed(list(enumerate(self.texts)))}
        return Contexts(tuple(texts), tuple(self.references[places[text]] for text in texts))

    def replies(self) -> tuple[Reply, ...]:
        """Every response with its context, in their order."""
        pairs = zip(self.texts, self.references, strict=True)
        return tuple(Reply(text, reply) for text, replies in pairs for reply in replies)

    def firsts(self) -> tuple[Reply, ...]:
        """The first response to each context."""
        pairs = zip(self.texts, self.references, strict=True)
        return tuple(Reply(text, replies[0]) for text, replies in pairs)


@dataclass(frozen=True)
class ResponseTask:
    """All that a model of responses ever sees of a task; `name` is the task's."""

    name: str
    train: Contexts
    valid: Contexts


@dataclass(frozen=True)
class ResponseDraw:
    """One draw of a task: what models learn from, and what the harness alone evaluates on."""

    training: ResponseTask
    evaluation: Contexts

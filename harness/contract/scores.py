"""One measured number, and the order of the columns that name it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

COLUMNS = (
    "task",
    "correlation",
    "backbone",
    "method",
    "variant",
    "seed",
    "representation",
    "factor",
    "probe",
    "metric",
    "value",
)
"""Columns of scores.csv."""

COST_METRICS = frozenset(
    {"fit_seconds", "encode_texts_per_second", "evaluate_seconds", "peak_memory_bytes"}
)
"""Metrics that differ between two equal runs: the timing rows."""


@dataclass(frozen=True, slots=True)
class Score:
    """One number of a trial.

    `representation` is the aspect a representation was made for and `factor` the aspect that was
    measured on it; both are empty for figures of the whole trial. `probe` is linear, mlp,
    classifier or empty.
    """

    metric: str
    value: float
    representation: str = ""
    factor: str = ""
    probe: str = ""


class Scores(Sequence[Score]):
    """Scores of which only the values are a trial's own: many trials share one tuple of names.

    Parameters
    ----------
    names : how each score is named; their own values say nothing.
    values : one number for each of them.
    """

    __slots__ = ("names", "values")

    def __init__(self, names: tuple[Score, ...], values: tuple[float, ...]) -> None:
        self.names = names
        self.values = values

    @classmethod
    def of(cls, scores: Sequence[Score]) -> Scores:
        """The same scores."""
        if isinstance(scores, Scores):
            return scores
        return cls(tuple(scores), tuple(score.value for score in scores))

    def __len__(self) -> int:
        return len(self.values)

    @overload
    def __getitem__(self, place: int) -> Score: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Score, ...]: ...
    def __getitem__(self, place: int | slice) -> Score | tuple[Score, ...]:
        if isinstance(place, slice):
            return tuple(self)[place]
        return _valued(self.names[place], self.values[place])

    def __iter__(self) -> Iterator[Score]:
        return map(_valued, self.names, self.values)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Scores) and self.names is other.names:
            return self.values == other.values
        return isinstance(other, Scores | tuple) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


def _valued(named: Score, value: float) -> Score:
    return Score(named.metric, value, named.representation, named.factor, named.probe)

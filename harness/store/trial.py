"""A trial, the unit that runs, is stored and is resumed."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter


@dataclass(frozen=True, slots=True)
class Trial:
    """What names a trial in tables: the first six columns of scores.csv."""

    task: str
    correlation: float
    backbone: str
    method: str
    variant: str
    seed: int

    def __str__(self) -> str:
        variant = "" if self.variant == "default" else f" {self.variant}"
        return f"{self.task} {self.correlation:g} {self.method}{variant} seed {self.seed}"


names_of = attrgetter("task", "correlation", "backbone", "method", "variant", "seed")
"""All that names a trial, in the order of the columns of scores.csv, to sort by."""

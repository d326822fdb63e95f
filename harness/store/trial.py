"""A trial, the unit that runs, is stored and is resumed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any, Protocol


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


class Keyed(Protocol):
    """A record, or a trial that is to have one."""

    @property
    def trial(self) -> Trial:
        """Its names in the tables."""

    @property
    def inputs(self) -> Mapping[str, Any]:
        """Everything that determines the result."""

    @property
    def key(self) -> str:
        """The hash of the inputs."""


def identified(keyed: Keyed) -> Trial:
    """The trial as its inputs name it: content stands for names that a user chose."""
    said = {part: keyed.inputs.get(part) for part in ("task", "backbone")}
    names = {part: held["name"] for part, held in said.items() if held and "name" in held}
    return replace(keyed.trial, **names)

"""Names of what is compared: settings, contenders, measures, and the quantities made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Setting:
    """What two methods must share to be compared."""

    task: str
    correlation: float
    backbone: str

    @property
    def title(self) -> str:
        """`movies, ρ = .85, minilm`."""
        rho = f"{self.correlation:g}".replace("0.", ".", 1)
        return f"{self.task}, ρ = {rho}, {self.backbone}"

    @property
    def slug(self) -> str:
        """The setting's name in file names."""
        return file_name(f"{self.task}-rho{self.correlation:g}-{self.backbone}")


@dataclass(frozen=True, order=True)
class Contender:
    """A method under one of its variants."""

    method: str
    variant: str = "default"

    @property
    def label(self) -> str:
        """The method's name, followed by the variant where it is not the default."""
        return self.method if self.variant == "default" else f"{self.method} ({self.variant})"


@dataclass(frozen=True, order=True)
class Measure:
    """One number of a trial, named as in scores.csv."""

    metric: str
    representation: str = ""
    factor: str = ""
    probe: str = ""


@dataclass(frozen=True)
class Quantity:
    """A weighted sum of measures; most are one measure, or the mean of some.

    `lower_is_better` also says which side chance lies on: leakage cannot honestly fall below it.
    """

    terms: tuple[tuple[float, Measure], ...]
    lower_is_better: bool = False

    @classmethod
    def mean(cls, measures: Iterable[Measure], *, lower_is_better: bool = False) -> Quantity:
        """The plain mean of measures."""
        listed = tuple(measures)
        return cls(tuple((1 / len(listed), m) for m in listed), lower_is_better)

    def minus(self, other: Quantity) -> Quantity:
        """The difference of two quantities, the higher the better."""
        return Quantity(self.terms + tuple((-weight, m) for weight, m in other.terms))

    @property
    def is_leakage(self) -> bool:
        """Whether every measure in it is leakage."""
        return all(measure.metric == "leakage" for _, measure in self.terms)


def file_name(text: str) -> str:
    """Text with everything that a file name should not hold replaced."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", text).lstrip(".")


def group_accuracy(metric: str, representation: str) -> Quantity:
    """`average_accuracy` or `worst_group_accuracy` of the correlated classifier."""
    return Quantity.mean([Measure(metric, representation, representation, "classifier")])

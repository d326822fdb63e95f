"""Names of what is compared: settings, methods, keys, and the metrics made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import hypot
from typing import Any, ClassVar, NamedTuple

PER_ROW = frozenset({"target_accuracy", "leakage", "average_accuracy"})
"""Metrics that are means over evaluation rows, so that rows can be paired between methods."""

PER_PAIR = frozenset({"cause", "isolate"})
"""Metrics that are shares of those minimal pairs in which their factor is flipped."""

# Names are tuples, since they are hashed and compared some millions of times a table.


class Condition(NamedTuple):
    """What two methods must share to be compared."""

    task: str
    correlation: float
    backbone: str

    @property
    def title(self) -> str:
        """`movies, ρ = .85, minilm`; without ρ where the task has no cells."""
        if not self.correlation:
            return f"{self.task}, {self.backbone}"
        rho = f"{self.correlation:g}".replace("0.", ".", 1)
        return f"{self.task}, ρ = {rho}, {self.backbone}"

    @property
    def slug(self) -> str:
        """The condition's name in file names."""
        rho = f"-rho{self.correlation:g}" if self.correlation else ""
        return file_name(f"{self.task}{rho}-{self.backbone}")


class MethodVariant(NamedTuple):
    """A method under one of its variants."""

    method: str
    variant: str = "default"

    @classmethod
    def named(cls, text: str) -> MethodVariant:
        """From `method` or `method:variant`."""
        method, _, variant = text.partition(":")
        return cls(method, variant or "default")

    @property
    def label(self) -> str:
        """The method's name, followed by the variant where it is not the default."""
        return self.method if self.variant == "default" else f"{self.method} ({self.variant})"


class MetricKey(NamedTuple):
    """One number of a trial, named as in scores.csv."""

    metric: str
    representation: str = ""
    factor: str = ""
    probe: str = ""


@dataclass(frozen=True)
class Metric:
    """A weighted sum of keys; most are one measure, or the mean of some.

    `lower_is_better` also says which side chance lies on: leakage cannot honestly fall below it.
    """

    terms: tuple[tuple[float, MetricKey], ...]
    lower_is_better: bool = False

    @classmethod
    def mean(cls, metric_keys: Iterable[MetricKey], *, lower_is_better: bool = False) -> Metric:
        """The plain mean of keys."""
        listed = tuple(metric_keys)
        return cls(tuple((1 / len(listed), m) for m in listed), lower_is_better)

    @classmethod
    def mean_of(cls, metrics: Sequence[Metric]) -> Metric:
        """The plain mean of metrics."""
        terms = tuple((w / len(metrics), m) for metric in metrics for w, m in metric.terms)
        return cls(terms, any(metric.lower_is_better for metric in metrics))

    def minus(self, other: Metric) -> Metric:
        """The difference of two metrics, the higher the better."""
        return Metric(self.terms + tuple((-weight, m) for weight, m in other.terms))

    def in_bits(self) -> Metric:
        """The description length of the same probes; more bits where accuracy would be lower."""
        return Metric(self._named("description_length"), not self.lower_is_better)

    def in_usable_bits(self) -> Metric:
        """The usable bits of the same probes."""
        return Metric(self._named("usable_bits"), self.lower_is_better)

    def at_share(self, percent: int) -> Metric:
        """The same accuracies of probes that were fitted on a percentage of the rows."""
        return Metric(self._named(f"{{}}_{percent}_percent"), self.lower_is_better)

    @cached_property
    def metric_keys(self) -> tuple[MetricKey, ...]:
        """What it is made of."""
        return tuple(key for _, key in self.terms)

    def value(self, numbers: Sequence[Any]) -> Any:
        """The sum, of numbers or of arrays, from each measure's in order."""
        return sum([term[0] * number for term, number in zip(self.terms, numbers, strict=True)])

    @cached_property
    def row_names(self) -> frozenset[str]:
        """Names in `Record.right` of its rows; none where it is no mean over evaluation rows."""
        names = frozenset("/".join(key[1:]) for key in self.metric_keys)
        return names if all(key.metric in PER_ROW for key in self.metric_keys) else frozenset()

    @property
    def is_leakage(self) -> bool:
        """Whether every measure in it is leakage."""
        return all(key.metric == "leakage" for key in self.metric_keys)

    @cached_property
    def of_pairs(self) -> bool:
        """Whether minimal pairs take the place of evaluation rows."""
        return all(key.metric in PER_PAIR for key in self.metric_keys)

    def _named(self, name: str) -> tuple[tuple[float, MetricKey], ...]:
        """Its terms with their metrics put into another name."""
        return tuple((w, m._replace(metric=name.format(m.metric))) for w, m in self.terms)


@dataclass(frozen=True)
class Distance:
    """Distance to the optimum (DTO): every target read, and no more than chance of anything else.

    `sqrt((1 - target)^2 + (leakage - chance)^2)`: Han et al. 2022, with leakage off chance, which
    is the leakage of a representation that tells nothing, in the place of unfairness.
    """

    target: Metric
    leakage: Metric
    chance: float

    lower_is_better: ClassVar[bool] = True
    row_names: ClassVar[frozenset[str]] = frozenset()
    is_leakage: ClassVar[bool] = False
    of_pairs: ClassVar[bool] = False

    @cached_property
    def metric_keys(self) -> tuple[MetricKey, ...]:
        """What it is made of."""
        return (*self.target.metric_keys, *self.leakage.metric_keys)

    def value(self, numbers: Sequence[Any]) -> Any:
        """The distance, from each measure's number in order."""
        parts = len(self.target.terms)
        missed = 1 - self.target.value(numbers[:parts])
        return hypot(missed, self.leakage.value(numbers[parts:]) - self.chance)


@dataclass(frozen=True)
class Area:
    """Area under the most of a merit that a method's dial reaches at no more than each leakage.

    Leakage runs from chance to the untuned encoder's, and the merit from chance to 1; each is
    scaled to 0 ... 1, and so is the area. Nothing is interpolated between positions of the dial,
    and below the least leakage of all of them the merit is that of guessing. 1 is all of the merit
    at the leakage of chance; the untuned encoder and a constant have 0.

    Attributes
    ----------
    leakage, merit : what is read along the dial.
    least_leakage, least_merit : chance of both.
    """

    leakage: Metric
    merit: Metric
    least_leakage: float
    least_merit: float

    lower_is_better: ClassVar[bool] = False
    row_names: ClassVar[frozenset[str]] = frozenset()
    is_leakage: ClassVar[bool] = False
    of_pairs: ClassVar[bool] = False
    metric_keys: ClassVar[tuple[MetricKey, ...]] = ()
    """None of one variant: `ConditionScores` looks for the positions of the dial."""

    def value(self, numbers: Sequence[Any]) -> Any:
        """The area, from untuned's leakage, which exceeds chance, and the positions.

        Parameters
        ----------
        numbers : untuned's leakage, then leakage and merit of one position after the other.
        """
        width, reached, area = numbers[0] - self.least_leakage, 0.0, 0.0
        for leakage, merit in sorted(zip(numbers[1::2], numbers[2::2], strict=True)):
            gain = (merit - self.least_merit) / (1 - self.least_merit) - reached
            if gain > 0:
                area += gain * min(max((numbers[0] - leakage) / width, 0.0), 1.0)
                reached += gain
        return area


Compared = Metric | Distance | Area
"""What may stand in a column: a weighted sum, a distance made of two, or the area under a curve."""


def file_name(text: str) -> str:
    """Text with everything that a file name should not hold replaced."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", text).lstrip(".")


def group_accuracy(metric: str, representation: str) -> Metric:
    """`average_accuracy` or `worst_group_accuracy` of the correlated classifier."""
    return Metric.mean([MetricKey(metric, representation, representation, "classifier")])

"""The columns of the tables that compare methods: heads, and the metrics under them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.analysis.metrics import Compared, Condition, Distance, Metric, group_accuracy
from harness.analysis.profile_scores import ProfileScores
from harness.outputs.tables.layout import Column

PROBES = ("linear", "mlp")

DTO = "DTO"

MDL = (Column("target ↓", "MDL (bits/text)"), Column("leakage ↑", "MDL (bits/text)"))

ByProbe = Mapping[str, Metric]


@dataclass(frozen=True)
class Measured:
    """A head and the metric under it."""

    column: Column
    metric: Compared


def summary_columns(measured: ProfileScores, condition: Condition) -> tuple[Measured, ...]:
    """Means over the representations, those that say most."""
    left_out = (Column("mlp ↑", "target accuracy"), *MDL)
    return tuple(c for c in mean_columns(measured, condition) if c.column not in left_out)


def mean_columns(measured: ProfileScores, condition: Condition) -> tuple[Measured, ...]:
    """Means over the representations, all of them."""
    target = {probe: measured.mean_target(condition, probe) for probe in PROBES}
    leakage = {probe: measured.mean_leakage(condition, probe) for probe in PROBES}
    return (
        *_probed(target, leakage),
        Measured(Column("linear ↑", "gap"), target["linear"].minus(leakage["linear"])),
        _distance(measured, condition, target, leakage),
        Measured(Column("worst ↑", "group accuracy"), measured.mean_worst_group(condition)),
    )


def representation_columns(
    measured: ProfileScores, condition: Condition, aspect: str
) -> tuple[Measured, ...]:
    """Everything about one representation."""
    target = {probe: measured.target(aspect, probe) for probe in PROBES}
    leakage = {probe: measured.leakage(condition, aspect, probe) for probe in PROBES}
    average, worst = (
        group_accuracy(metric, aspect) for metric in ("average_accuracy", "worst_group_accuracy")
    )
    return (
        *_probed(target, leakage),
        _distance(measured, condition, target, leakage),
        Measured(Column("average ↑", "group accuracy"), average),
        Measured(Column("worst ↑", "group accuracy"), worst),
    )


def _probed(target: ByProbe, leakage: ByProbe) -> tuple[Measured, ...]:
    """Accuracies of both probes, and beside them what the linear one needs to say it."""
    return (
        Measured(Column("linear ↑", "target accuracy"), target["linear"]),
        Measured(Column("mlp ↑", "target accuracy"), target["mlp"]),
        Measured(Column("linear ↓", "leakage"), leakage["linear"]),
        Measured(Column("mlp ↓", "leakage"), leakage["mlp"]),
        Measured(MDL[0], target["linear"].in_bits()),
        Measured(MDL[1], leakage["linear"].in_bits()),
    )


def _distance(
    measured: ProfileScores, condition: Condition, target: ByProbe, leakage: ByProbe
) -> Measured:
    level = measured.chance(condition, leakage["linear"])
    distance = Distance(target["linear"], leakage["linear"], level)
    return Measured(Column("linear ↓", DTO), distance)

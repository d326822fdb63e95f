"""The columns of the tables that compare methods: heads, and the quantities under them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.analysis.measurements import Measurements
from harness.analysis.quantities import Compared, Distance, Quantity, Setting, group_accuracy
from harness.outputs.tables.layout import Column

PROBES = ("linear", "mlp")

DTO = "DTO"

ByProbe = Mapping[str, Quantity]


@dataclass(frozen=True)
class Measured:
    """A head and the quantity under it."""

    column: Column
    quantity: Compared


def summary_columns(measured: Measurements, setting: Setting) -> tuple[Measured, ...]:
    """Means over the representations, those that say most."""
    target, leakage = _means(measured, setting)
    return (
        Measured(Column("linear ↑", "target accuracy"), target["linear"]),
        Measured(Column("linear ↓", "leakage"), leakage["linear"]),
        Measured(Column("mlp ↓", "leakage"), leakage["mlp"]),
        Measured(Column("linear ↑", "gap"), target["linear"].minus(leakage["linear"])),
        _distance(measured, setting, target, leakage),
        Measured(Column("worst ↑", "group accuracy"), measured.mean_worst_group(setting)),
    )


def mean_columns(measured: Measurements, setting: Setting) -> tuple[Measured, ...]:
    """Means over the representations, all of them."""
    target, leakage = _means(measured, setting)
    return (
        *_probed(target, leakage),
        Measured(Column("linear ↑", "gap"), target["linear"].minus(leakage["linear"])),
        _distance(measured, setting, target, leakage),
        Measured(Column("worst ↑", "group accuracy"), measured.mean_worst_group(setting)),
    )


def representation_columns(
    measured: Measurements, setting: Setting, aspect: str
) -> tuple[Measured, ...]:
    """Everything about one representation."""
    target = {probe: measured.target(aspect, probe) for probe in PROBES}
    leakage = {probe: measured.leakage(setting, aspect, probe) for probe in PROBES}
    average, worst = (
        group_accuracy(metric, aspect) for metric in ("average_accuracy", "worst_group_accuracy")
    )
    return (
        *_probed(target, leakage),
        _distance(measured, setting, target, leakage),
        Measured(Column("average ↑", "group accuracy"), average),
        Measured(Column("worst ↑", "group accuracy"), worst),
    )


def _means(measured: Measurements, setting: Setting) -> tuple[ByProbe, ByProbe]:
    """Target accuracy and leakage."""
    target = {probe: measured.mean_target(setting, probe) for probe in PROBES}
    return target, {probe: measured.mean_leakage(setting, probe) for probe in PROBES}


def _probed(target: ByProbe, leakage: ByProbe) -> tuple[Measured, ...]:
    """Accuracies of both probes, and beside them what the linear one needs to say it."""
    return (
        Measured(Column("linear ↑", "target accuracy"), target["linear"]),
        Measured(Column("mlp ↑", "target accuracy"), target["mlp"]),
        Measured(Column("linear ↓", "leakage"), leakage["linear"]),
        Measured(Column("mlp ↓", "leakage"), leakage["mlp"]),
        Measured(Column("target ↓", "MDL (bits/text)"), target["linear"].in_bits()),
        Measured(Column("leakage ↑", "MDL (bits/text)"), leakage["linear"].in_bits()),
    )


def _distance(
    measured: Measurements, setting: Setting, target: ByProbe, leakage: ByProbe
) -> Measured:
    level = measured.chance(setting, leakage["linear"])
    distance = Distance(target["linear"], leakage["linear"], level)
    return Measured(Column("linear ↓", DTO), distance)

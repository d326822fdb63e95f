"""Pairing what two contenders measured: seed by seed, and row by row where rows are the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.analysis.evidence.effects import Sample, row_error
from harness.analysis.measurements import Measurements
from harness.analysis.quantities import Compared, Contender, Distance, Measure, Quantity, Setting
from harness.analysis.statistics import FloatArray


@dataclass(frozen=True, eq=False)
class Side:
    """One side of a comparison: a contender as one set of results has it."""

    measured: Measurements
    contender: Contender


def sample(
    setting: Setting, quantity: Compared, first: Side, second: Side | float, *, sign: float = 1.0
) -> Sample | None:
    """`sign` times first less second for every seed that both have; None where they share none.

    Parameters
    ----------
    second : the other side, or a known number that every seed is held against.
    """
    ours = first.measured.by_seed(setting, first.contender, quantity)
    if isinstance(second, Side):
        theirs: Mapping[int, float] = second.measured.by_seed(setting, second.contender, quantity)
    else:
        theirs = dict.fromkeys(ours, second)
    seeds = tuple(sorted(set(ours) & set(theirs)))
    if not seeds:
        return None
    kept = [_row_differences(setting, quantity, first, second, seed) for seed in seeds]
    values = tuple(sign * (ours[seed] - theirs[seed]) for seed in seeds)
    rows = [differences for differences in kept if differences is not None]
    if len(rows) < len(seeds) or any(len(differences) < 2 for differences in rows):
        return Sample(setting, seeds, values)
    return Sample(setting, seeds, values, sum(map(len, rows)), row_error(rows))


def quantity_of(
    measured: Measurements, setting: Setting, metric: str, probe: str
) -> Compared | None:
    """The quantity that a metric stands for in a setting; None where nobody measured it there.

    Accuracies are means over representations; `gap` is target accuracy less leakage; `DTO` the
    distance to the optimum. Any other metric is the mean of all measures of that name.
    """
    if not measured.aspects(setting) and metric in ("target_accuracy", "leakage", "gap", "DTO"):
        return None
    if metric == "target_accuracy":
        return measured.mean_target(setting, probe)
    if metric == "leakage":
        return measured.mean_leakage(setting, probe)
    if metric in ("gap", "DTO"):
        target, leakage = (f(setting, probe) for f in (measured.mean_target, measured.mean_leakage))
        if metric == "gap":
            return target.minus(leakage)
        return Distance(target, leakage, measured.chance(setting, leakage))
    there: set[Measure] = {
        measure
        for measures in measured.values.get(setting, {}).values()
        for measure in measures
        if measure.metric == metric and probe in ("", measure.probe)
    }
    return Quantity.mean(sorted(there)) if there else None


def _row_differences(
    setting: Setting, quantity: Compared, first: Side, second: Side | float, seed: int
) -> FloatArray | None:
    """float [rows], None where rows were not kept or are not the same on both sides."""
    ours = first.measured.rows(setting, first.contender, quantity, seed)
    if ours is None or not isinstance(second, Side):
        return ours
    theirs = second.measured.rows(setting, second.contender, quantity, seed)
    if theirs is None or _cells(setting, first, seed) != _cells(setting, second, seed):
        return None
    return ours - theirs


def _cells(setting: Setting, side: Side, seed: int) -> str:
    return side.measured.trials[setting][side.contender][seed].cells

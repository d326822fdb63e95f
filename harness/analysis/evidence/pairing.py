"""Pairing what two methods measured: seed by seed, and row by row where rows are the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.analysis.evidence.effects import Sample, row_error
from harness.analysis.metrics import Compared, Condition, Distance, MethodVariant, Metric, MetricKey
from harness.analysis.profile_scores import ProfileScores
from harness.analysis.statistics import FloatArray


@dataclass(frozen=True, eq=False)
class Side:
    """One side of a comparison: a method as one set of results has it."""

    measured: ProfileScores
    method_variant: MethodVariant


def sample(
    condition: Condition, metric: Compared, first: Side, second: Side | float, *, sign: float = 1.0
) -> Sample | None:
    """`sign` times first less second for every seed that both have; None where they share none.

    Parameters
    ----------
    second : the other side, or a known number that every seed is held against.
    """
    ours = first.measured.by_seed(condition, first.method_variant, metric)
    if isinstance(second, Side):
        theirs: Mapping[int, float] = second.measured.by_seed(
            condition, second.method_variant, metric
        )
    else:
        theirs = dict.fromkeys(ours, second)
    seeds = tuple(sorted(set(ours) & set(theirs)))
    if not seeds:
        return None
    kept = [_row_differences(condition, metric, first, second, seed) for seed in seeds]
    values = tuple(sign * (ours[seed] - theirs[seed]) for seed in seeds)
    rows = [differences for differences in kept if differences is not None]
    if len(rows) < len(seeds) or any(len(differences) < 2 for differences in rows):
        return Sample(condition, seeds, values)
    return Sample(condition, seeds, values, sum(map(len, rows)), row_error(rows))


def metric_of(
    measured: ProfileScores, condition: Condition, metric: str, probe: str
) -> Compared | None:
    """The metric that a metric stands for in a condition; None where nobody measured it there.

    Accuracies are means over representations; `gap` is target accuracy less leakage; `DTO` the
    distance to the optimum. Any other metric is the mean of all keys of that name.
    """
    if not measured.aspects(condition) and metric in ("target_accuracy", "leakage", "gap", "DTO"):
        return None
    if metric == "target_accuracy":
        return measured.mean_target(condition, probe)
    if metric == "leakage":
        return measured.mean_leakage(condition, probe)
    if metric in ("gap", "DTO"):
        target, leakage = (
            f(condition, probe) for f in (measured.mean_target, measured.mean_leakage)
        )
        if metric == "gap":
            return target.minus(leakage)
        return Distance(target, leakage, measured.chance(condition, leakage))
    there: set[MetricKey] = {
        key
        for metric_keys in measured.values.get(condition, {}).values()
        for key in metric_keys
        if key.metric == metric and probe in ("", key.probe)
    }
    return Metric.mean(sorted(there)) if there else None


def _row_differences(
    condition: Condition, metric: Compared, first: Side, second: Side | float, seed: int
) -> FloatArray | None:
    """float [rows], None where rows were not kept or are not the same on both sides."""
    ours = first.measured.rows(condition, first.method_variant, metric, seed)
    if ours is None or not isinstance(second, Side):
        return ours
    theirs = second.measured.rows(condition, second.method_variant, metric, seed)
    if theirs is None or _cells(condition, first, seed) != _cells(condition, second, seed):
        return None
    return ours - theirs


def _cells(condition: Condition, side: Side, seed: int) -> str:
    return side.measured.trials[condition][side.method_variant][seed].cells

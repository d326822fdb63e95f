"""Pairing what two methods measured: seed by seed, and row by row where rows are the same."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.analysis.evidence.effects import Effect, PairedRows, effect
from harness.analysis.metrics import Compared, Condition, Distance, MethodVariant, Metric, MetricKey
from harness.analysis.profile_scores import ProfileScores
from harness.analysis.row_correctness import keeps_rows, rows_of
from harness.analysis.statistics import FloatArray
from harness.store.draws import EvaluationDraw
from harness.store.records import Record


@dataclass(frozen=True, eq=False)
class Side:
    """One side of a comparison: a method as one set of results has it."""

    measured: ProfileScores
    method_variant: MethodVariant

    def record(self, condition: Condition, seed: int) -> Record | None:
        """What is stored of one of its trials."""
        return self.measured.trials.get(condition, {}).get(self.method_variant, {}).get(seed)


Reference = Side | Mapping[int, float]
"""What a method is compared with: another one, or known numbers, seed by seed."""


def paired(
    condition: Condition,
    metric: Compared,
    first: Side,
    second: Reference,
    *,
    sign: float = 1.0,
    seeds: Container[int] | None = None,
) -> Effect | None:
    """`sign` times first less second, over every seed that both have; None where they share none.

    `seeds`, where given, are those that count.

    Rows are read where they can change the answer: where one seed is all there is, and where the
    seeds' stored draws share groups.
    """
    ours = first.measured.by_seed(condition, first.method_variant, metric)
    theirs = (
        second.measured.by_seed(condition, second.method_variant, metric)
        if isinstance(second, Side)
        else second
    )
    shared = sorted(set(ours) & set(theirs))
    values = {s: sign * (ours[s] - theirs[s]) for s in shared if seeds is None or s in seeds}
    if not values:
        return None
    kept = [_same_rows(condition, metric, first, second, seed) for seed in values]
    records = [record for record in kept if record is not None]
    if len(records) < len(values):
        return effect(condition, values)
    draws = [first.measured.draw(record) for record in records]
    known = [draw for draw in draws if draw is not None]
    found: list[PairedRows] = []
    if len(values) == 1 or (len(known) == len(values) and _share_groups(known)):
        for seed, record, draw in zip(values, records, draws, strict=True):
            groups = np.arange(record.rows) if draw is None else draw.groups
            rows = sign * _row_differences(condition, metric, first, second, seed)
            found.append(PairedRows(rows, record.cell_codes(), groups))
    return effect(condition, values, found, rows=sum(record.rows for record in records))


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


def _share_groups(draws: Sequence[EvaluationDraw]) -> bool:
    distinct = [np.unique(draw.groups) for draw in draws]
    return len(np.unique(np.concatenate(distinct))) < sum(map(len, distinct))


def _same_rows(
    condition: Condition, metric: Compared, first: Side, second: Reference, seed: int
) -> Record | None:
    """The first side's record where both kept the metric's rows and these are the same rows."""
    ours = first.record(condition, seed)
    if ours is None or not keeps_rows(ours, metric) or not isinstance(second, Side):
        return ours if keeps_rows(ours, metric) else None
    theirs = second.record(condition, seed)
    if theirs is None or not keeps_rows(theirs, metric) or ours.cells != theirs.cells:
        return None
    left, right = first.measured.draw(ours), second.measured.draw(theirs)
    if left is None or right is None or np.array_equal(left.rows, right.rows):
        return ours
    return None


def _row_differences(
    condition: Condition, metric: Compared, first: Side, second: Reference, seed: int
) -> FloatArray:
    """float [rows] of rows that both sides are known to have."""
    ours = rows_of(first.record(condition, seed), metric)
    theirs = rows_of(second.record(condition, seed), metric) if isinstance(second, Side) else None
    if ours is None:
        raise ValueError(f"no rows are kept of {first.method_variant.label}, seed {seed}")
    return ours - (0.0 if theirs is None else theirs)

"""Pairing what two methods measured: seed by seed, and row by row where rows are the same."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from math import nan
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np

from harness.analysis.evidence.effects import Clusters, Effect, effect
from harness.analysis.metrics import Compared, Distance, MethodVariant, Metric, MetricKey
from harness.analysis.row_correctness import cells_of, keeps_rows, key_rows
from harness.analysis.statistics import FloatArray
from harness.store.base64_arrays import count_codes, unpack_codes
from harness.store.draws import EvaluationDraw
from harness.store.records import Record

if TYPE_CHECKING:
    from harness.analysis.condition_scores import ConditionScores

SPREAD_SEEDS = 4
"""The fewest seeds whose distances from their mean can be tested.

Of three, the largest distance is the sum of the others, so that t is never above 4, and the
critical value is 4.3.
"""


@dataclass(frozen=True, eq=False)
class Side:
    """One side of a comparison: a method as one set of results has it in a condition."""

    scores: ConditionScores
    method_variant: MethodVariant

    def by_seed(self, metric: Compared) -> Mapping[int, float]:
        """The metric for each of its seeds."""
        return self.scores.by_seed(self.method_variant, metric)

    def record(self, seed: int) -> Record | None:
        """What is stored of one of its trials."""
        return self.scores.trials.get(self.method_variant, {}).get(seed)

    def draw(self, seed: int) -> EvaluationDraw | None:
        """Which rows that trial was evaluated on, where it is known."""
        return self.scores.draw(self.method_variant, seed)


Reference = Side | Mapping[int, float]
"""What a method is compared with: another one, or known numbers, seed by seed."""


def paired(
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
    condition, ours = first.scores.condition, first.by_seed(metric)
    theirs = second.by_seed(metric) if isinstance(second, Side) else second
    shared = sorted(set(ours) & set(theirs))
    values = {s: sign * (ours[s] - theirs[s]) for s in shared if seeds is None or s in seeds}
    if not values:
        return None
    kept = [_same_rows(metric, first, second, seed) for seed in values]
    records = [record for record in kept if record is not None]
    if len(records) < len(values):
        return effect(condition, values)
    cells = tuple(cells_of(record, metric) for record in records)
    draws = tuple(first.draw(seed) for seed in values)
    sums = None
    if len(values) == 1 or None not in draws:
        clusters = _clusters(cells, draws, metric.of_pairs)
        if len(values) == 1 or clusters.shared:
            sums = sign * _sums(metric, first, tuple(values), clusters)
            if isinstance(second, Side):
                sums -= sign * _sums(metric, second, tuple(values), clusters)
    return effect(condition, values, sums, rows=sum(map(count_codes, cells)))


def apart(
    metric: Compared, first: Side, second: Reference, *, sign: float, seeds: Container[int]
) -> Effect | None:
    """As `paired`, of how far each seed lies from the mean of the seeds that both sides have.

    Less distance is more stable, wherever the mean lies (Levene 1960). The effect of fewer than
    `SPREAD_SEEDS` has no error.
    """
    ours = first.by_seed(metric)
    theirs = second.by_seed(metric) if isinstance(second, Side) else second
    shared = sorted(seed for seed in set(ours) & set(theirs) if seed in seeds)
    if not shared:
        return None
    distances = []
    for side in (ours, theirs):
        centre = fmean(side[seed] for seed in shared)
        distances.append([abs(side[seed] - centre) for seed in shared])
    values = {seed: sign * (a - b) for seed, a, b in zip(shared, *distances, strict=True)}
    found = effect(first.scores.condition, values)
    return found if len(shared) >= SPREAD_SEEDS else replace(found, error=nan)


def metric_of(scores: ConditionScores, metric: str, probe: str) -> Compared | None:
    """The metric that a metric stands for in a condition; None where nobody measured it there.

    Accuracies are means over representations; `gap` is target accuracy less leakage; `DTO` the
    distance to the optimum. Any other metric is the mean of all keys of that name.
    """
    if not scores.aspects and metric in ("target_accuracy", "leakage", "gap", "DTO"):
        return None
    if metric == "target_accuracy":
        return scores.mean_target(probe)
    if metric == "leakage":
        return scores.mean_leakage(probe)
    if metric in ("gap", "DTO"):
        target, leakage = scores.mean_target(probe), scores.mean_leakage(probe)
        chance = scores.chance(leakage)
        return target.minus(leakage) if metric == "gap" else Distance(target, leakage, chance)
    there = [k for k in scores.all_keys if k.metric == metric and probe in ("", k.probe)]
    return Metric.mean(sorted(there)) if there else None


def _same_rows(metric: Compared, first: Side, second: Reference, seed: int) -> Record | None:
    """The first side's record where both kept the metric's rows and these are the same rows."""
    ours = first.record(seed)
    if ours is None or not keeps_rows(ours, metric):
        return None
    if not isinstance(second, Side):
        return ours
    theirs = second.record(seed)
    if theirs is None or not keeps_rows(theirs, metric):
        return None
    if cells_of(ours, metric) != cells_of(theirs, metric):
        return None
    left, right = first.draw(seed), second.draw(seed)
    if left is None or right is None:
        return ours
    same = np.array_equal(left.rows, right.rows)
    return ours if same and np.array_equal(left.pair_groups, right.pair_groups) else None


@lru_cache(maxsize=64)
def _clusters(
    cells: tuple[str, ...], draws: tuple[EvaluationDraw | None, ...], of_pairs: bool
) -> Clusters:
    """What the rows of some seeds belong to; without a draw each row is its own group."""
    codes = [unpack_codes(packed) for packed in cells]
    groups = [
        np.arange(len(rows)) if draw is None else draw.pair_groups if of_pairs else draw.groups
        for rows, draw in zip(codes, draws, strict=True)
    ]
    return Clusters.of(codes, groups)


def _sums(metric: Compared, side: Side, seeds: tuple[int, ...], clusters: Clusters) -> FloatArray:
    """float [seeds, groups]: `Clusters.sums` of a side's rows, which are all kept."""
    parts = [
        _key_sums(side.scores, side.method_variant, key, seeds, clusters)
        for key in metric.metric_keys
    ]
    return np.asarray(metric.value(parts))


@lru_cache(maxsize=512)
def _key_sums(
    scores: ConditionScores,
    method_variant: MethodVariant,
    key: MetricKey,
    seeds: tuple[int, ...],
    clusters: Clusters,
) -> FloatArray:
    trials = scores.trials[method_variant]
    return clusters.sums(np.concatenate([key_rows(trials[seed], key) for seed in seeds]))

"""What a profile has measured: scores.csv and the stored records, asked together."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from math import isfinite, log2, nan
from pathlib import Path
from typing import Any, Self

from data.errors import UserError
from harness.analysis.definitions import DEFINITIONS
from harness.analysis.metrics import (
    Compared,
    Condition,
    MethodVariant,
    Metric,
    MetricKey,
    group_accuracy,
)
from harness.analysis.row_correctness import rows_of
from harness.analysis.scores_csv import Values, read_scores
from harness.analysis.statistics import Interval, mean_interval, wilson_interval
from harness.store.draws import EvaluationDraw, draw_key, read_draws
from harness.store.records import FIRST_KIND, Record, current, kind_of, read_records

REFERENCE = "untuned"
"""The method that every other is read against; it stands first."""

NEIGHBOURS_CHANCE = MetricKey("neighbours_chance")

MAIN_CORRELATION = 0.85
"""Of several correlations summaries show the nearest to this one, the tasks' own default."""


ROLES = {"control": "control", "balanced_training": "upper bound"}
"""What the inputs of a record say of a method, and what that makes it."""


@dataclass(frozen=True)
class Problem:
    """Trials of a method that gave no numbers: `missing`, `failed` or `skipped`, and why."""

    status: str
    reason: str
    seeds: tuple[int, ...]


Trials = Mapping[Condition, Mapping[MethodVariant, Mapping[int, Record]]]


@dataclass(frozen=True, eq=False)
class ProfileScores:
    """The scores and records of one profile.

    Attributes
    ----------
    values : condition, method, measure and seed to the number.
    trials : condition, method and seed to the record, failed and skipped ones included.
    draws : key to the rows that trials were evaluated on, as far as stored.
    whole : where these are a part of some others, the `methods` and `apart` of them all.
    """

    values: Values
    trials: Trials
    draws: Mapping[str, EvaluationDraw] = field(default_factory=dict)
    whole: tuple[frozenset[str], Mapping[str, str]] | None = None

    @classmethod
    def read(cls, results: Path, profile: str) -> Self:
        """All that `results/<profile>` holds.

        UserError where scores.csv is not there, has other columns or a value that is no number; or
        a record or a stored draw cannot be read.
        """
        folder = results / profile
        records: tuple[Record, ...] = ()
        if (folder / "records").is_dir():
            records = current(read_records(results, profile))
        draws = read_draws(results, profile)
        return cls(read_scores(results, profile), _by_trial(records), draws)

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition with a score or a record, sorted."""
        return tuple(sorted({*self.values, *self.trials}))

    def by_kind(self) -> Mapping[str, Self]:
        """The same for the conditions of each kind of task alone, kinds by name.

        Scores without a record are taken for those of the first kind there was.
        """
        kinds = {condition: self._kind(condition) for condition in self.conditions}
        return {
            kind: replace(self.part(s for s in kinds if kinds[s] == kind), whole=None)
            for kind in sorted(set(kinds.values()))
        }

    def part(self, conditions: Iterable[Condition]) -> Self:
        """Some conditions alone, which say the same as they do among all of these."""
        listed = tuple(conditions)
        return type(self)(
            {s: self.values[s] for s in listed if s in self.values},
            {s: self.trials[s] for s in listed if s in self.trials},
            self.draws,
            (self.methods, self.apart),
        )

    @property
    def count(self) -> int:
        """How many trials there are."""
        return sum(len(seeds) for found in self.trials.values() for seeds in found.values())

    @cached_property
    def methods(self) -> frozenset[str]:
        """All methods that were tried anywhere."""
        if self.whole is not None:
            return self.whole[0]
        there = (*self.values.values(), *self.trials.values())
        return frozenset(method_variant.method for found in there for method_variant in found)

    @cached_property
    def main_conditions(self) -> tuple[Condition, ...]:
        """For each task and backbone the condition nearest to the main correlation, sorted."""
        nearest: dict[tuple[str, str], Condition] = {}
        for condition in sorted(
            self.conditions, key=lambda s: abs(s.correlation - MAIN_CORRELATION)
        ):
            nearest.setdefault((condition.task, condition.backbone), condition)
        return tuple(sorted(nearest.values()))

    @lru_cache(maxsize=256)  # noqa: B019 - lives as long as the tables that are being made
    def method_variants(self, condition: Condition) -> tuple[MethodVariant, ...]:
        """The rows of a table: the reference first, then by mean linear leakage, then by name.

        They are what was tried here, in its default variant: methods, controls and upper bounds
        last; `absent` gives the methods that were not, and `variants` the other variants.
        """
        there = {*self.values.get(condition, ()), *self.trials.get(condition, ())}

        def place(method_variant: MethodVariant) -> tuple[str, bool, bool, float, MethodVariant]:
            interval = self.interval(
                condition, method_variant, self.mean_leakage(condition, "linear")
            )
            return (
                # No word, `control`, `upper bound`: they are in alphabetic order.
                self.apart.get(method_variant.method, ""),
                method_variant.method != REFERENCE,
                interval is None,
                interval.mean if interval else 0.0,
                method_variant,
            )

        return tuple(sorted({MethodVariant(c.method) for c in there}, key=place))

    def competitors(self, condition: Condition) -> tuple[MethodVariant, ...]:
        """The methods that are compared with each other: all but controls and upper bounds."""
        return tuple(c for c in self.method_variants(condition) if c.method not in self.apart)

    def absent(self, condition: Condition) -> tuple[str, ...]:
        """Methods that the profile has elsewhere and that were not tried here, by name."""
        return tuple(sorted(self.methods - {c.method for c in self.method_variants(condition)}))

    @cached_property
    def apart(self) -> Mapping[str, str]:
        """Methods that take no part in comparisons, as their records say, and what they are.

        Each is a `control`, or an `upper bound`, which learned from balanced rows.
        """
        if self.whole is not None:
            return self.whole[1]
        found = {}
        for trials in self.trials.values():
            for method_variant, by_seed in trials.items():
                for record in by_seed.values():
                    for said, role in ROLES.items():
                        if record.inputs.get(said):
                            found[method_variant.method] = role
        return found

    def variants(self, condition: Condition) -> Mapping[str, tuple[MethodVariant, ...]]:
        """For each method that was tried in other variants too: the default, then those by name.

        Numbers in names count as numbers: `overlap-3` comes before `overlap-10`.
        """
        there = {*self.values.get(condition, ()), *self.trials.get(condition, ())}
        others = sorted((c for c in there if c.variant != "default"), key=_natural)
        return {
            method: (MethodVariant(method), *(c for c in others if c.method == method))
            for method in sorted({c.method for c in others})
        }

    def records(self, condition: Condition, method_variant: MethodVariant) -> list[Record]:
        """The records of a method, by seed."""
        by_seed = self.trials.get(condition, {}).get(method_variant, {})
        return [by_seed[seed] for seed in sorted(by_seed)]

    def settings_of(self, condition: Condition, method_variant: MethodVariant) -> Mapping[str, Any]:
        """The method's settings that the method's trials ran with; empty where none ran."""
        for record in self.records(condition, method_variant):
            return dict(record.inputs.get("settings", {}))
        return {}

    def metric_keys(
        self, condition: Condition, method_variant: MethodVariant
    ) -> tuple[MetricKey, ...]:
        """All keys of a method, sorted."""
        return tuple(sorted(self.values.get(condition, {}).get(method_variant, ())))

    @lru_cache(maxsize=256)  # noqa: B019 - as above
    def aspects(self, condition: Condition) -> tuple[str, ...]:
        """Names of the aspects that have a representation, sorted."""
        return tuple(
            sorted(
                {
                    key.representation
                    for metric_keys in self.values.get(condition, {}).values()
                    for key in metric_keys
                    if key.metric in ("target_accuracy", "leakage")
                }
            )
        )

    @lru_cache(maxsize=256)  # noqa: B019 - as above
    def seeds(self, condition: Condition) -> tuple[int, ...]:
        """Every seed that any method was tried with."""
        scored = {
            seed
            for metric_keys in self.values.get(condition, {}).values()
            for by_seed in metric_keys.values()
            for seed in by_seed
        }
        tried = {seed for trials in self.trials.get(condition, {}).values() for seed in trials}
        return tuple(sorted(scored | tried))

    def target(self, representation: str, probe: str) -> Metric:
        """Accuracy of a probe for the representation's own aspect."""
        return Metric.mean([MetricKey("target_accuracy", representation, representation, probe)])

    def leakage(self, condition: Condition, representation: str, probe: str) -> Metric:
        """Accuracy of a probe for the other aspects, their mean where there are several."""
        others = [a for a in self.aspects(condition) if a != representation]
        return Metric.mean(
            [MetricKey("leakage", representation, other, probe) for other in others],
            lower_is_better=True,
        )

    def mean_target(self, condition: Condition, probe: str) -> Metric:
        """Target accuracy, averaged over the representations."""
        return self._over_aspects(condition, lambda a: self.target(a, probe))

    def mean_leakage(self, condition: Condition, probe: str) -> Metric:
        """Leakage, averaged over the representations."""
        return self._over_aspects(condition, lambda a: self.leakage(condition, a, probe))

    def mean_group(self, condition: Condition, metric: str) -> Metric:
        """`group_accuracy` of the correlated classifier, averaged over the representations."""
        return self._over_aspects(condition, lambda a: group_accuracy(metric, a))

    def mean_worst_group(self, condition: Condition) -> Metric:
        """Worst-group accuracy of the correlated classifier, averaged over the representations."""
        return self.mean_group(condition, "worst_group_accuracy")

    def mean_kept(self, condition: Condition, metric: str, factor: str = "") -> Metric:
        """A measure of what is kept, averaged over the representations."""
        return self._over_aspects(condition, lambda a: Metric.mean([MetricKey(metric, a, factor)]))

    @lru_cache(maxsize=1 << 14)  # noqa: B019 - as above
    def by_seed(
        self, condition: Condition, method_variant: MethodVariant, metric: Compared
    ) -> Mapping[int, float]:
        """The metric for each seed that has all of its keys."""
        measured = self.values.get(condition, {}).get(method_variant, {})
        columns = [measured.get(key, {}) for key in metric.metric_keys]
        if not columns:
            return {}
        seeds = set(columns[0]).intersection(*columns[1:])
        return {seed: metric.value([column[seed] for column in columns]) for seed in sorted(seeds)}

    def interval(
        self, condition: Condition, method_variant: MethodVariant, metric: Compared
    ) -> Interval | None:
        """Mean with its 95% interval, or None where nothing was measured.

        Student's over seeds. With one seed the interval speaks of the evaluation rows: Wilson's
        for one probe, Student's over rows for a mean of probes, and none where no rows are kept.
        """
        values = self.by_seed(condition, method_variant, metric)
        if not values:
            return None
        if len(values) > 1:
            return mean_interval(list(values.values()))
        (seed, value), *_ = values.items()
        trials = self.trials.get(condition, {}).get(method_variant, {})
        rows = rows_of(trials.get(seed), metric)
        if rows is None:
            return Interval(value)
        if len(metric.metric_keys) == 1:
            return wilson_interval(int(rows.sum()), len(rows))
        return mean_interval(rows)

    @lru_cache(maxsize=1 << 14)  # noqa: B019 - as above
    def draw(
        self, condition: Condition, method_variant: MethodVariant, seed: int
    ) -> EvaluationDraw | None:
        """Its evaluation rows; None where not stored, UserError where their number is another."""
        record = self.trials.get(condition, {}).get(method_variant, {}).get(seed)
        found = self.draws.get(draw_key(record.inputs)) if record and self.draws else None
        if record is not None and found is not None and len(found.rows) != record.rows:
            raise UserError(
                f"the stored draw of {record.trial} has {len(found.rows)} rows, its record "
                f"{record.rows}; delete results/<profile>/draws: new trials write it again"
            )
        return found

    def chance(self, condition: Condition, metric: Compared) -> float:
        """What guessing gives; nan where the records do not say.

        Accuracies: the share of the factor's most frequent class. Description length: log2 of
        its classes, the uniform code. Neighbours kept: what unrelated vectors keep, as scored.
        """
        levels = [self._chance_of(condition, key) for key in metric.metric_keys]
        return float(metric.value(levels)) if levels else nan

    def problems(self, condition: Condition, method_variant: MethodVariant) -> tuple[Problem, ...]:
        """Why seeds of a method have no numbers, equal reasons together, sorted."""
        there = {
            seed
            for by_seed in self.values.get(condition, {}).get(method_variant, {}).values()
            for seed in by_seed
        }
        trials = self.trials.get(condition, {}).get(method_variant, {})
        found: dict[tuple[str, str], list[int]] = defaultdict(list)
        for seed in self.seeds(condition):
            record = trials.get(seed)
            if record is not None and record.status != "done":
                found[record.status, record.reason].append(seed)
            elif seed not in there:
                found["missing", "not run"].append(seed)
        return tuple(Problem(*why, seeds=tuple(seeds)) for why, seeds in sorted(found.items()))

    def _kind(self, condition: Condition) -> str:
        records = (r for trials in self.trials.get(condition, {}).values() for r in trials.values())
        return next((kind_of(record) for record in records), FIRST_KIND)

    def _over_aspects(self, condition: Condition, part: Callable[[str], Metric]) -> Metric:
        parts = [part(aspect) for aspect in self.aspects(condition)]
        terms = tuple((w / len(parts), m) for metric in parts for w, m in metric.terms)
        return Metric(terms, any(metric.lower_is_better for metric in parts))

    @lru_cache(maxsize=1 << 12)  # noqa: B019 - as above
    def _chance_of(self, condition: Condition, key: MetricKey) -> float:
        if key.metric == "neighbours_kept":
            scored = self.values.get(condition, {})
            levels = [scored[each].get(NEIGHBOURS_CHANCE, {}) for each in sorted(scored)]
            return mean_interval([v for by in levels for v in by.values()] or [nan]).mean
        if key.metric in DEFINITIONS and isfinite(DEFINITIONS[key.metric].chance):
            return DEFINITIONS[key.metric].chance
        for method_variant in sorted(self.trials.get(condition, ())):
            for record in self.records(condition, method_variant):
                if key.metric == "description_length":
                    if key.factor in record.classes:
                        return log2(len(record.classes[key.factor]))
                elif key.factor in record.chance:
                    return record.chance[key.factor]
        return nan


def _natural(method_variant: MethodVariant) -> list[tuple[float, str]]:
    parts = re.split(r"(\d+(?:\.\d+)?)", method_variant.variant)
    return [(float(part), "") if part[:1].isdigit() else (-1.0, part) for part in parts]


def _by_trial(records: Iterable[Record]) -> Trials:
    trials: dict[Condition, dict[MethodVariant, dict[int, Record]]] = {}
    for record in records:
        named = record.trial
        condition = Condition(named.task, named.correlation, named.backbone)
        method_variant = MethodVariant(named.method, named.variant)
        trials.setdefault(condition, {}).setdefault(method_variant, {})[named.seed] = record
    return trials

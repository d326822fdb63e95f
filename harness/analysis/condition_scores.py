"""What a profile has measured in one condition: numbers, records, and the metrics made of them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import inf, isfinite, log2, nan
from typing import TYPE_CHECKING, Any

from data.errors import UserError
from harness.analysis.definitions import DEFINITIONS
from harness.analysis.evidence.pairing import Side, paired
from harness.analysis.metrics import (
    PER_PAIR,
    Area,
    Compared,
    Condition,
    MethodVariant,
    Metric,
    MetricKey,
    group_accuracy,
)
from harness.analysis.statistics import Interval, mean_interval
from harness.store.draws import EvaluationDraw, draw_key
from harness.store.records import Record

if TYPE_CHECKING:
    from harness.analysis.profile_scores import ProfileScores

REFERENCE = "untuned"
"""The method that every other is read against; it stands first."""

NEIGHBOURS_CHANCE = MetricKey("neighbours_chance")


@dataclass(frozen=True)
class Problem:
    """Trials of a method that gave no numbers: `missing`, `failed` or `skipped`, and why."""

    status: str
    reason: str
    seeds: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class ConditionScores:
    """The scores and records of one condition (task, correlation, backbone) of a profile.

    `ProfileScores.at` gives them.
    """

    profile: ProfileScores
    condition: Condition

    @cached_property
    def values(self) -> Mapping[MethodVariant, Mapping[MetricKey, Mapping[int, float]]]:
        """Method, measure and seed to the number."""
        return self.profile.values.get(self.condition, {})

    @cached_property
    def trials(self) -> Mapping[MethodVariant, Mapping[int, Record]]:
        """Method and seed to the record, failed and skipped ones included."""
        return self.profile.trials.get(self.condition, {})

    @cached_property
    def precisions(self) -> Mapping[str, int]:
        """In which types encoders computed to how many of the trials of `method_variants`."""
        return Counter(
            str(record.provenance.get("precision") or "a type that is not known")
            for method_variant in self.method_variants
            for record in self.trials.get(method_variant, {}).values()
            if record.status == "done"
        )

    @property
    def apart(self) -> Mapping[str, str]:
        """Methods that take no part in comparisons, and what they are."""
        return self.profile.apart

    @cached_property
    def method_variants(self) -> tuple[MethodVariant, ...]:
        """The rows of a table: the reference first, then by mean linear leakage, then by name.

        They are what was tried here, in its default variant: methods, controls and upper bounds
        last; `absent` gives the methods that were not, and `variants` the other variants.
        """
        there = {*self.values, *self.trials}

        def place(method_variant: MethodVariant) -> tuple[str, bool, bool, float, MethodVariant]:
            interval = self.interval(method_variant, self.mean_leakage("linear"))
            return (
                # No word, `control`, `upper bound`: they are in alphabetic order.
                self.apart.get(method_variant.method, ""),
                method_variant.method != REFERENCE,
                interval is None,
                interval.mean if interval else 0.0,
                method_variant,
            )

        return tuple(sorted({MethodVariant(c.method) for c in there}, key=place))

    @property
    def competitors(self) -> tuple[MethodVariant, ...]:
        """The methods that are compared with each other: all but controls and upper bounds."""
        return tuple(c for c in self.method_variants if c.method not in self.apart)

    @property
    def absent(self) -> tuple[str, ...]:
        """Methods that the profile has elsewhere and that were not tried here, by name."""
        return tuple(sorted(self.profile.methods - {c.method for c in self.method_variants}))

    @property
    def variants(self) -> Mapping[str, tuple[MethodVariant, ...]]:
        """For each method that was tried in other variants too: the default, then those by name.

        Numbers in names count as numbers: `overlap-3` comes before `overlap-10`.
        """
        there = {*self.values, *self.trials}
        others = sorted((c for c in there if c.variant != "default"), key=_natural)
        return {
            method: (MethodVariant(method), *(c for c in others if c.method == method))
            for method in sorted({c.method for c in others})
        }

    @lru_cache(maxsize=1 << 10)  # noqa: B019 - lives as long as the tables that are being made
    def positions(self, method_variant: MethodVariant) -> tuple[MethodVariant, ...]:
        """Where a method's dial was turned to, in the order of its setting, the default included.

        Alone the default of a method without a dial, and any variant, which is one position.
        """
        if method_variant.variant != "default":
            return (method_variant,)
        placed = {}
        for each in self.variants.get(method_variant.method, ()):
            setting, sign, value = each.variant.partition("=")
            if sign:
                placed[each] = float(value)
                placed[method_variant] = float(self.settings_of(method_variant).get(setting, inf))
        return tuple(sorted(placed, key=lambda each: placed[each])) or (method_variant,)

    def records(self, method_variant: MethodVariant) -> list[Record]:
        """The records of a method, by seed."""
        by_seed = self.trials.get(method_variant, {})
        return [by_seed[seed] for seed in sorted(by_seed)]

    def settings_of(self, method_variant: MethodVariant) -> Mapping[str, Any]:
        """The method's settings that the method's trials ran with; empty where none ran."""
        for record in self.records(method_variant):
            return dict(record.inputs.get("settings", {}))
        return {}

    def metric_keys(self, method_variant: MethodVariant) -> tuple[MetricKey, ...]:
        """All keys of a method, sorted."""
        return tuple(sorted(self.values.get(method_variant, ())))

    @cached_property
    def all_keys(self) -> frozenset[MetricKey]:
        """The keys of all methods."""
        return frozenset(key for metric_keys in self.values.values() for key in metric_keys)

    @cached_property
    def aspects(self) -> tuple[str, ...]:
        """Names of the aspects that have a representation, sorted."""
        probed = ("target_accuracy", "leakage")
        return tuple(sorted({k.representation for k in self.all_keys if k.metric in probed}))

    @cached_property
    def seeds(self) -> tuple[int, ...]:
        """Every seed that any method was tried with."""
        return tuple(sorted(set[int]().union(*map(self.tried, {*self.values, *self.trials}))))

    def scored_seeds(self, method_variant: MethodVariant) -> set[int]:
        """The seeds for which a method has any number."""
        return set[int]().union(*self.values.get(method_variant, {}).values())

    def tried(self, method_variant: MethodVariant) -> set[int]:
        """The seeds that a method was tried with."""
        return {*self.scored_seeds(method_variant), *self.trials.get(method_variant, {})}

    def target(self, representation: str, probe: str) -> Metric:
        """Accuracy of a probe for the representation's own aspect."""
        return Metric.mean([MetricKey("target_accuracy", representation, representation, probe)])

    def leakage(self, representation: str, probe: str) -> Metric:
        """Accuracy of a probe for the other aspects, their mean where there are several."""
        others = [a for a in self.aspects if a != representation]
        return Metric.mean(
            [MetricKey("leakage", representation, other, probe) for other in others],
            lower_is_better=True,
        )

    def mean_target(self, probe: str) -> Metric:
        """Target accuracy, averaged over the representations."""
        return self._over_aspects(lambda a: self.target(a, probe))

    def mean_leakage(self, probe: str) -> Metric:
        """Leakage, averaged over the representations."""
        return self._over_aspects(lambda a: self.leakage(a, probe))

    def mean_group(self, metric: str) -> Metric:
        """`group_accuracy` of the correlated classifier, averaged over the representations."""
        return self._over_aspects(lambda a: group_accuracy(metric, a))

    def mean_worst_group(self) -> Metric:
        """Worst-group accuracy of the correlated classifier, averaged over the representations."""
        return self.mean_group("worst_group_accuracy")

    def mean_kept(self, metric: str) -> Metric:
        """A measure of what is kept, averaged over the representations."""
        return self._over_aspects(lambda a: Metric.mean([MetricKey(metric, a)]))

    @lru_cache(maxsize=1 << 14)  # noqa: B019 - lives as long as the tables that are being made
    def by_seed(self, method_variant: MethodVariant, metric: Compared) -> Mapping[int, float]:
        """The metric for each seed that has all of its keys."""
        if isinstance(metric, Area):
            return self._areas(method_variant, metric)
        measured = self.values.get(method_variant, {})
        columns = [measured.get(key, {}) for key in metric.metric_keys]
        if not columns:
            return {}
        seeds = set(columns[0]).intersection(*columns[1:])
        return {seed: metric.value([column[seed] for column in columns]) for seed in sorted(seeds)}

    def interval(self, method_variant: MethodVariant, metric: Compared) -> Interval | None:
        """Mean with its 95% interval, or None where nothing was measured.

        By the rule of `evidence.effects`: over seeds, widened by what the groups that they share
        add. With one seed it speaks of the evaluation rows or minimal pairs, clustered by group,
        and there is none where these are not kept or nothing varies.
        """
        values = self.by_seed(method_variant, metric)
        found = paired(metric, Side(self, method_variant), dict.fromkeys(values, 0.0))
        if found is None:
            return None
        return found.interval if len(values) > 1 or found.error > 0 else Interval(found.mean)

    @lru_cache(maxsize=1 << 14)  # noqa: B019 - as above
    def draw(self, method_variant: MethodVariant, seed: int) -> EvaluationDraw | None:
        """Its evaluation rows; None where not stored, UserError where their number is another."""
        record = self.trials.get(method_variant, {}).get(seed)
        if record is None or not self.profile.draws:
            return None
        found = self.profile.draws.get(draw_key(record.inputs))
        counts = (record.rows, len(record.pairs.flips()) if record.pairs else 0)
        if found is not None and counts != (len(found.rows), len(found.pair_groups)):
            raise UserError(
                f"the stored draw of {method_variant.label}, seed {seed}, has {len(found.rows)} "
                f"rows and {len(found.pair_groups)} pairs, its record {counts[0]} and {counts[1]}; "
                "delete results/<profile>/draws: new trials write it again"
            )
        return found

    def chance(self, metric: Compared) -> float:
        """What guessing gives; nan where the records do not say.

        Accuracies: the share of the factor's most frequent class. Description length: log2 of
        its classes, the uniform code. Neighbours kept: what unrelated vectors keep, as scored.
        Minimal pairs: what two guesses hold, both right (cause) or equal (isolate).
        """
        levels = [self._chance_of(key) for key in metric.metric_keys]
        return float(metric.value(levels)) if levels else nan

    def problems(self, method_variant: MethodVariant) -> tuple[Problem, ...]:
        """Why seeds of a method have no numbers, equal reasons together, sorted.

        A seed is missing where a method has it that was to have no more of them than this one.
        """
        there = self.scored_seeds(method_variant)
        trials = self.trials.get(method_variant, {})
        planned = self.profile.planned or (lambda *_: 0)
        most = planned(self.condition.task, method_variant.method)
        there_too = {*self.values, *self.trials}
        alike = (c for c in there_too if planned(self.condition.task, c.method) <= most)
        wanted = set[int]().union(*map(self.tried, alike))
        found: dict[tuple[str, str], list[int]] = defaultdict(list)
        for seed in self.seeds:
            record = trials.get(seed)
            if record is not None and record.status != "done":
                found[record.status, record.reason].append(seed)
            elif seed not in there and seed in wanted:
                found["missing", "not run"].append(seed)
        return tuple(Problem(*why, seeds=tuple(seeds)) for why, seeds in sorted(found.items()))

    def _areas(self, method_variant: MethodVariant, area: Area) -> dict[int, float]:
        """The area of each seed that the method, untuned and some turned position have.

        Of the turned positions the one with most seeds counts, since a default may have more; those
        that lack one of the seeds are left out, so that seeds are alike.
        """
        parts = (area.leakage, area.merit)
        limits = self.by_seed(MethodVariant(REFERENCE), area.leakage)
        turned = {
            p: [self.by_seed(p, part) for part in parts] for p in self.positions(method_variant)
        }
        shared = {p: set(limits).intersection(*pair) for p, pair in turned.items()}
        seeds = shared.pop(method_variant)
        seeds &= max(shared.values(), key=len, default=seeds)
        whole = [pair for pair in turned.values() if all(seeds <= set(each) for each in pair)]
        return {
            seed: area.value([limits[seed], *(each[seed] for pair in whole for each in pair)])
            for seed in sorted(seeds)
            if limits[seed] > area.least_leakage
        }

    def _over_aspects(self, part: Callable[[str], Metric]) -> Metric:
        return Metric.mean_of([part(aspect) for aspect in self.aspects])

    @lru_cache(maxsize=1 << 12)  # noqa: B019 - as above
    def _chance_of(self, key: MetricKey) -> float:
        if key.metric == "neighbours_kept":
            scored = self.values
            levels = [scored[each].get(NEIGHBOURS_CHANCE, {}) for each in sorted(scored)]
            return mean_interval([v for by in levels for v in by.values()] or [nan]).mean
        if key.metric in DEFINITIONS and isfinite(DEFINITIONS[key.metric].chance):
            return DEFINITIONS[key.metric].chance
        if key.metric in PER_PAIR:
            guess = self._chance_of(MetricKey("target_accuracy", "", key.representation))
            return guess**2 if key.metric == "cause" else guess
        for method_variant in sorted(self.trials):
            for record in self.records(method_variant):
                if key.metric == "description_length":
                    if key.factor in record.classes:
                        return log2(len(record.classes[key.factor]))
                elif key.factor in record.chance:
                    return record.chance[key.factor]
        return nan


def _natural(method_variant: MethodVariant) -> list[tuple[float, str]]:
    parts = re.split(r"(\d+(?:\.\d+)?)", method_variant.variant)
    return [(float(part), "") if part[:1].isdigit() else (-1.0, part) for part in parts]

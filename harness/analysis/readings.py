"""What a profile has measured: scores.csv and the stored records, asked together."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import log2, nan
from pathlib import Path
from typing import Any, Self

import numpy as np

from harness.analysis.correctness_bits import RowBits, Words
from harness.analysis.quantities import (
    Compared,
    Contender,
    Measure,
    Quantity,
    Setting,
    group_accuracy,
)
from harness.analysis.row_correctness import Kept, kept_words, rows_of
from harness.analysis.scores_csv import Values, read_scores
from harness.analysis.statistics import (
    FloatArray,
    Interval,
    mean_interval,
    wilson_interval,
)
from harness.store.records import FIRST_KIND, Record, current, kind_of, read_records

REFERENCE = "untuned"
"""The method that every other is read against; it stands first."""

MAIN_CORRELATION = 0.85
"""Of several correlations summaries show the nearest to this one, the tasks' own default."""


@dataclass(frozen=True)
class Problem:
    """Trials of a contender that gave no numbers: `missing`, `failed` or `skipped`, and why."""

    status: str
    reason: str
    seeds: tuple[int, ...]


Trials = Mapping[Setting, Mapping[Contender, Mapping[int, Record]]]


@dataclass(frozen=True)
class Whole:
    """What a part of some readings has to know of all of them.

    Attributes
    ----------
    methods, upper_bounds : as in `Readings`.
    """

    methods: frozenset[str]
    upper_bounds: frozenset[str]


@dataclass(frozen=True, eq=False)
class Readings:
    """The scores and records of one profile.

    Attributes
    ----------
    values : setting, contender, measure and seed to the number.
    trials : setting, contender and seed to the record, failed and skipped ones included.
    whole : where these are a part of some others, what is known of all of them.
    """

    values: Values
    trials: Trials
    whole: Whole | None = None

    @classmethod
    def read(cls, results: Path, profile: str) -> Self:
        """All that `results/<profile>` holds.

        Raises
        ------
        UserError : scores.csv is not there, has other columns or a value that is no number; or a
            record cannot be read.
        """
        folder = results / profile
        records: tuple[Record, ...] = ()
        if (folder / "records").is_dir():
            records = current(read_records(results, profile))
        return cls(read_scores(results, profile), _by_trial(records))

    @cached_property
    def settings(self) -> tuple[Setting, ...]:
        """Every setting with a score or a record, sorted."""
        return tuple(sorted({*self.values, *self.trials}))

    def by_kind(self) -> Mapping[str, Self]:
        """The same for the settings of each kind of task alone, kinds by name.

        Scores without a record are taken for those of the first kind there was.
        """
        kinds = {setting: self._kind(setting) for setting in self.settings}
        return {
            kind: type(self)(
                {s: found for s, found in self.values.items() if kinds[s] == kind},
                {s: found for s, found in self.trials.items() if kinds[s] == kind},
            )
            for kind in sorted(set(kinds.values()))
        }

    def part(self, settings: Iterable[Setting]) -> Self:
        """Some settings alone, which say the same as they do among all of these."""
        listed = tuple(settings)
        return type(self)(
            {s: self.values[s] for s in listed if s in self.values},
            {s: self.trials[s] for s in listed if s in self.trials},
            Whole(self.methods, self.upper_bounds),
        )

    @property
    def count(self) -> int:
        """How many trials there are."""
        return sum(len(seeds) for found in self.trials.values() for seeds in found.values())

    @cached_property
    def methods(self) -> frozenset[str]:
        """All methods that were tried anywhere."""
        if self.whole is not None:
            return self.whole.methods
        there = (*self.values.values(), *self.trials.values())
        return frozenset(contender.method for found in there for contender in found)

    @cached_property
    def main_settings(self) -> tuple[Setting, ...]:
        """For each task and backbone the setting nearest to the main correlation, sorted."""
        nearest: dict[tuple[str, str], Setting] = {}
        for setting in sorted(self.settings, key=lambda s: abs(s.correlation - MAIN_CORRELATION)):
            nearest.setdefault((setting.task, setting.backbone), setting)
        return tuple(sorted(nearest.values()))

    @lru_cache(maxsize=256)  # noqa: B019 - lives as long as the tables that are being made
    def contenders(self, setting: Setting) -> tuple[Contender, ...]:
        """The rows of a table: the reference first, then by mean linear leakage, then by name.

        They are the methods that were tried here, in their default variants, upper bounds last;
        `absent` gives the methods that were not, and `variants` the other variants.
        """
        there = {*self.values.get(setting, ()), *self.trials.get(setting, ())}

        def place(contender: Contender) -> tuple[bool, bool, bool, float, Contender]:
            interval = self.interval(setting, contender, self.mean_leakage(setting, "linear"))
            return (
                contender.method in self.upper_bounds,
                contender.method != REFERENCE,
                interval is None,
                interval.mean if interval else 0.0,
                contender,
            )

        return tuple(sorted({Contender(c.method) for c in there}, key=place))

    def competitors(self, setting: Setting) -> tuple[Contender, ...]:
        """The contenders that are compared with each other: all but upper bounds."""
        return tuple(c for c in self.contenders(setting) if c.method not in self.upper_bounds)

    def absent(self, setting: Setting) -> tuple[str, ...]:
        """Methods that the profile has elsewhere and that were not tried here, by name."""
        return tuple(sorted(self.methods - {c.method for c in self.contenders(setting)}))

    @cached_property
    def upper_bounds(self) -> frozenset[str]:
        """Methods that learned from balanced rows, as their records say."""
        if self.whole is not None:
            return self.whole.upper_bounds
        return frozenset(
            record.trial.method
            for trials in self.trials.values()
            for by_seed in trials.values()
            for record in by_seed.values()
            if record.inputs.get("balanced_training")
        )

    def variants(self, setting: Setting) -> Mapping[str, tuple[Contender, ...]]:
        """For each method that was tried in other variants too: the default, then those by name.

        Numbers in names count as numbers: `overlap-3` comes before `overlap-10`.
        """
        there = {*self.values.get(setting, ()), *self.trials.get(setting, ())}
        others = sorted((c for c in there if c.variant != "default"), key=_natural)
        return {
            method: (Contender(method), *(c for c in others if c.method == method))
            for method in sorted({c.method for c in others})
        }

    def settings_of(self, setting: Setting, contender: Contender) -> Mapping[str, Any]:
        """The method's settings that the contender's trials ran with; empty where none ran."""
        for _, record in sorted(self.trials.get(setting, {}).get(contender, {}).items()):
            return dict(record.inputs.get("settings", {}))
        return {}

    def measures(self, setting: Setting, contender: Contender) -> tuple[Measure, ...]:
        """All measures of a contender, sorted."""
        return tuple(sorted(self.values.get(setting, {}).get(contender, ())))

    @lru_cache(maxsize=256)  # noqa: B019 - as above
    def aspects(self, setting: Setting) -> tuple[str, ...]:
        """Names of the aspects that have a representation, sorted."""
        return tuple(
            sorted(
                {
                    measure.representation
                    for measures in self.values.get(setting, {}).values()
                    for measure in measures
                    if measure.metric in ("target_accuracy", "leakage")
                }
            )
        )

    @lru_cache(maxsize=256)  # noqa: B019 - as above
    def seeds(self, setting: Setting) -> tuple[int, ...]:
        """Every seed that any contender was tried with."""
        scored = {
            seed
            for measures in self.values.get(setting, {}).values()
            for by_seed in measures.values()
            for seed in by_seed
        }
        tried = {seed for trials in self.trials.get(setting, {}).values() for seed in trials}
        return tuple(sorted(scored | tried))

    def target(self, representation: str, probe: str) -> Quantity:
        """Accuracy of a probe for the representation's own aspect."""
        return Quantity.mean([Measure("target_accuracy", representation, representation, probe)])

    def leakage(self, setting: Setting, representation: str, probe: str) -> Quantity:
        """Accuracy of a probe for the other aspects, their mean where there are several."""
        others = [a for a in self.aspects(setting) if a != representation]
        return Quantity.mean(
            [Measure("leakage", representation, other, probe) for other in others],
            lower_is_better=True,
        )

    def mean_target(self, setting: Setting, probe: str) -> Quantity:
        """Target accuracy, averaged over the representations."""
        return self._over_aspects(setting, lambda a: self.target(a, probe))

    def mean_leakage(self, setting: Setting, probe: str) -> Quantity:
        """Leakage, averaged over the representations."""
        return self._over_aspects(setting, lambda a: self.leakage(setting, a, probe))

    def mean_worst_group(self, setting: Setting) -> Quantity:
        """Worst-group accuracy of the correlated classifier, averaged over the representations."""
        return self._over_aspects(setting, lambda a: group_accuracy("worst_group_accuracy", a))

    @lru_cache(maxsize=1 << 14)  # noqa: B019 - as above
    def by_seed(
        self, setting: Setting, contender: Contender, quantity: Compared
    ) -> Mapping[int, float]:
        """The quantity for each seed that has all of its measures."""
        measured = self.values.get(setting, {}).get(contender, {})
        columns = [measured.get(measure, {}) for measure in quantity.measures]
        if not columns:
            return {}
        seeds = set(columns[0]).intersection(*columns[1:])
        return {
            seed: quantity.value([column[seed] for column in columns]) for seed in sorted(seeds)
        }

    def interval(
        self, setting: Setting, contender: Contender, quantity: Compared
    ) -> Interval | None:
        """Mean with its 95% interval, or None where nothing was measured.

        Student's over seeds. With one seed the interval speaks of the evaluation rows: Wilson's
        for one probe, Student's over rows for a mean of probes, and none where no rows are kept.
        """
        values = self.by_seed(setting, contender, quantity)
        if not values:
            return None
        if len(values) > 1:
            return mean_interval(list(values.values()))
        (seed, value), *_ = values.items()
        rows = self.rows(setting, contender, quantity, seed)
        if rows is None:
            return Interval(value)
        if len(quantity.measures) == 1:
            return wilson_interval(int(rows.sum()), len(rows))
        return mean_interval(rows)

    def rows(
        self, setting: Setting, contender: Contender, quantity: Compared, seed: int
    ) -> FloatArray | None:
        """float [rows]: each evaluation row's share in the quantity; None where it was not kept."""
        record = self.trials.get(setting, {}).get(contender, {}).get(seed)
        return None if record is None else rows_of(record, quantity)

    def row_bits(
        self, setting: Setting, quantity: Compared, among: Iterable[Contender]
    ) -> list[tuple[list[Contender], RowBits]]:
        """What `rows` gives, packed, of contenders that share all seeds and rows, in groups.

        Contenders are left out that lack rows of a seed for which they have the quantity.
        """
        if not isinstance(quantity, Quantity) or not quantity.terms:
            return []
        groups: dict[tuple[Kept, ...], tuple[list[Contender], list[Words]]] = {}
        for contender in among:
            found = [self._words(setting, contender, m) for m in quantity.measures]
            seeds = tuple(self.by_seed(setting, contender, quantity))
            (kept, _), *others = found
            if seeds and seeds == tuple(k.seed for k in kept) and all(kept == k for k, _ in others):
                members, words = groups.setdefault(kept, ([], []))
                members.append(contender)
                words.append(np.stack([each for _, each in found]))
        weights = np.array([weight for weight, _ in quantity.terms])
        return [
            (members, RowBits(np.stack(words), np.array([k.rows for k in kept]), weights))
            for kept, (members, words) in groups.items()
        ]

    @lru_cache(maxsize=4096)  # noqa: B019 - as above
    def _words(
        self, setting: Setting, contender: Contender, measure: Measure
    ) -> tuple[tuple[Kept, ...], Words]:
        return kept_words(self.trials.get(setting, {}).get(contender, {}), measure)

    def chance(self, setting: Setting, quantity: Compared) -> float:
        """What guessing gives; nan where the records do not say.

        Accuracies: the share of the factor's most frequent class. Description length: log2 of
        its classes, the uniform code.
        """
        levels = [self._chance_of(setting, measure) for measure in quantity.measures]
        return float(quantity.value(levels)) if levels else nan

    def problems(self, setting: Setting, contender: Contender) -> tuple[Problem, ...]:
        """Why seeds of a contender have no numbers, equal reasons together, sorted."""
        there = {
            seed
            for by_seed in self.values.get(setting, {}).get(contender, {}).values()
            for seed in by_seed
        }
        trials = self.trials.get(setting, {}).get(contender, {})
        found: dict[tuple[str, str], list[int]] = defaultdict(list)
        for seed in self.seeds(setting):
            record = trials.get(seed)
            if record is not None and record.status != "done":
                found[record.status, record.reason].append(seed)
            elif seed not in there:
                found["missing", "not run"].append(seed)
        return tuple(Problem(*why, seeds=tuple(seeds)) for why, seeds in sorted(found.items()))

    def _kind(self, setting: Setting) -> str:
        records = (r for trials in self.trials.get(setting, {}).values() for r in trials.values())
        return next((kind_of(record) for record in records), FIRST_KIND)

    def _over_aspects(self, setting: Setting, part: Callable[[str], Quantity]) -> Quantity:
        parts = [part(aspect) for aspect in self.aspects(setting)]
        terms = tuple((w / len(parts), m) for quantity in parts for w, m in quantity.terms)
        return Quantity(terms, any(quantity.lower_is_better for quantity in parts))

    def _chance_of(self, setting: Setting, measure: Measure) -> float:
        for _, by_seed in sorted(self.trials.get(setting, {}).items()):
            for _, record in sorted(by_seed.items()):
                if measure.metric == "description_length":
                    if measure.factor in record.classes:
                        return log2(len(record.classes[measure.factor]))
                elif measure.factor in record.chance:
                    return record.chance[measure.factor]
        return nan


def _natural(contender: Contender) -> list[tuple[float, str]]:
    parts = re.split(r"(\d+(?:\.\d+)?)", contender.variant)
    return [(float(part), "") if part[:1].isdigit() else (-1.0, part) for part in parts]


def _by_trial(records: Iterable[Record]) -> Trials:
    trials: dict[Setting, dict[Contender, dict[int, Record]]] = {}
    for record in records:
        named = record.trial
        setting = Setting(named.task, named.correlation, named.backbone)
        contender = Contender(named.method, named.variant)
        trials.setdefault(setting, {}).setdefault(contender, {})[named.seed] = record
    return trials

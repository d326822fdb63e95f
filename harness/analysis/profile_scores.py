"""What a profile has measured: scores.csv and the stored records, asked together."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Self

from harness.analysis.condition_scores import ConditionScores
from harness.analysis.metrics import Condition, MethodVariant
from harness.analysis.scores_csv import Values, read_scores
from harness.store.draws import EvaluationDraw, read_draws
from harness.store.records import FIRST_KIND, Record, current, kind_of, read_records

MAIN_CORRELATION = 0.85
"""Of several correlations summaries show the nearest to this one, the tasks' own default."""

ROLES = {"control": "control", "balanced_training": "upper bound"}
"""What the inputs of a record say of a method, and what that makes it."""

Trials = Mapping[Condition, Mapping[MethodVariant, Mapping[int, Record]]]


@dataclass(frozen=True, eq=False)
class ProfileScores:
    """The scores and records of one profile.

    Attributes
    ----------
    trials : condition, method and seed to the record, failed and skipped ones included.
    draws : key to the rows that trials were evaluated on, as far as stored.
    planned : of a task and methods the number of seeds that was fixed beforehand, if any was.
    whole : where these are a part of some others, the `methods` and `apart` of them all.
    """

    values: Values
    trials: Trials
    draws: Mapping[str, EvaluationDraw] = field(default_factory=dict)
    planned: Callable[..., int] | None = None
    whole: tuple[frozenset[str], Mapping[str, str]] | None = None

    @classmethod
    def read(cls, results: Path, profile: str, planned: Callable[..., int] | None = None) -> Self:
        """All that `results/<profile>` holds.

        UserError where scores.csv is not there, has other columns or a value that is no number; or
        a record or a stored draw cannot be read.
        """
        folder = results / profile
        records: tuple[Record, ...] = ()
        if (folder / "records").is_dir():
            records = current(read_records(results, profile))
        draws = read_draws(results, profile)
        return cls(read_scores(results, profile), _by_trial(records), draws, planned)

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
        return replace(
            self,
            values={s: self.values[s] for s in listed if s in self.values},
            trials={s: self.trials[s] for s in listed if s in self.trials},
            whole=(self.methods, self.apart),
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

    @cached_property
    def apart(self) -> Mapping[str, str]:
        """Methods that take no part in comparisons, as their records say, and what they are.

        Each is a `control`, or an `upper bound`, which learned from balanced rows.
        """
        if self.whole is not None:
            return self.whole[1]
        return {
            record.trial.method: role
            for trials in self.trials.values()
            for by_seed in trials.values()
            for record in by_seed.values()
            for said, role in ROLES.items()
            if record.inputs.get(said)
        }

    @lru_cache(maxsize=256)  # noqa: B019 - lives as long as the tables that are being made
    def at(self, condition: Condition) -> ConditionScores:
        """What was measured in one condition."""
        return ConditionScores(self, condition)

    def _kind(self, condition: Condition) -> str:
        records = (r for trials in self.trials.get(condition, {}).values() for r in trials.values())
        return next(map(kind_of, records), FIRST_KIND)


def _by_trial(records: Iterable[Record]) -> Trials:
    trials: dict[Condition, dict[MethodVariant, dict[int, Record]]] = {}
    for record in records:
        named = record.trial
        condition = Condition(named.task, named.correlation, named.backbone)
        method_variant = MethodVariant(named.method, named.variant)
        trials.setdefault(condition, {}).setdefault(method_variant, {})[named.seed] = record
    return trials

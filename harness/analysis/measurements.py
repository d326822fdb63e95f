"""What a profile has measured, and which of its methods can be told apart.

Tables, figures and the report ask here and compute nothing of their own, so all of them say the
same. Reading needs neither torch nor scikit-learn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite, nan

from harness.analysis.p_value_bounds import Limits, limits, significant, ties_with_best
from harness.analysis.quantities import (
    Compared,
    Contender,
    Measure,
    Quantity,
    Setting,
    file_name,
    group_accuracy,
)
from harness.analysis.readings import REFERENCE, Problem, Readings
from harness.analysis.statistics import nested_p_value, seeds_p_value

__all__ = [
    "LEVEL",
    "REFERENCE",
    "Contender",
    "Measure",
    "Measurements",
    "Problem",
    "Quantity",
    "Setting",
    "file_name",
    "group_accuracy",
]

LEVEL = 0.05
"""Two-sided level of every comparison, after Holm's correction."""


@dataclass(frozen=True, eq=False)
class Measurements(Readings):
    """Readings that are compared with each other."""

    def p_value(
        self, setting: Setting, quantity: Compared, first: Contender, second: Contender
    ) -> float:
        """Paired test of two contenders over the seeds they share; nan where none fits.

        Over rows nested in seeds where rows were kept and are the same rows, else over seeds.
        """
        ours, theirs = (self.by_seed(setting, c, quantity) for c in (first, second))
        shared = sorted(set(ours) & set(theirs))
        if not shared:
            return nan
        differences = []
        for seed in shared:
            left, right = (self.rows(setting, c, quantity, seed) for c in (first, second))
            if left is None or right is None or not self._same_rows(setting, first, second, seed):
                return seeds_p_value([ours[s] - theirs[s] for s in shared])
            differences.append(left - right)
        return nested_p_value(differences)

    @lru_cache(maxsize=4096)  # noqa: B019 - lives as long as the tables that are being made
    def ties(
        self, setting: Setting, quantity: Compared, among: tuple[Contender, ...] = ()
    ) -> frozenset[Contender]:
        """The best contenders and all that cannot be told from them.

        `among` names who is compared, by default `competitors`. A leakage below chance is a fault,
        not a merit, so such contenders take no part; nor do those that no test can tell from any
        other, since they have one seed and the quantity is no mean over rows. Where there is
        nothing to compare the answer is empty.
        """
        among = among or self.competitors(setting)
        faulty = self.below_chance(setting, quantity, among)
        intervals = {c: self.interval(setting, c, quantity) for c in among}
        means = {
            c: i.mean
            for c, i in intervals.items()
            if i is not None and c not in faulty and self._testable(setting, quantity, c)
        }
        if len(means) < 2:
            return frozenset()
        return ties_with_best(
            means,
            lambda best, other: self.p_value(setting, quantity, best, other),
            known=lambda best: self._limits(setting, quantity, best, tuple(means)),
            lower_is_better=quantity.lower_is_better,
            level=LEVEL,
        )

    @lru_cache(maxsize=4096)  # noqa: B019 - as above
    def below_chance(
        self, setting: Setting, quantity: Compared, among: tuple[Contender, ...] = ()
    ) -> frozenset[Contender]:
        """Contenders whose leakage lies below chance, Holm-corrected over all that are compared.

        `among` is that of `ties`. One-sided at half of the level. Empty for everything but leakage.
        """
        level = self.chance(setting, quantity)
        if not quantity.is_leakage or not isfinite(level):
            return frozenset()
        asked = among or self.competitors(setting)
        known: dict[Contender, Limits] = {}
        for members, bits in self.row_bits(setting, quantity, asked):
            known.update(zip(members, limits(bits.against(level), alternative="less"), strict=True))
        for contender in asked:
            if contender not in known and isfinite(
                p := self._p_below(setting, quantity, contender, level)
            ):
                known[contender] = (p, p)
        return significant(
            known, lambda c: self._p_below(setting, quantity, c, level), level=LEVEL / 2
        )

    def _p_below(
        self, setting: Setting, quantity: Compared, contender: Contender, level: float
    ) -> float:
        """One-sided test that the quantity is no less than the level; nan where rows are amiss."""
        seeds = self.by_seed(setting, contender, quantity)
        rows = [self.rows(setting, contender, quantity, seed) for seed in seeds]
        kept = [row - level for row in rows if row is not None]
        if not kept or len(kept) < len(rows):
            return nan
        return nested_p_value(kept, alternative="less")

    def _limits(
        self, setting: Setting, quantity: Compared, best: Contender, among: tuple[Contender, ...]
    ) -> Mapping[Contender, Limits]:
        """Limits on the tests of one contender with all that have the same rows."""
        for members, bits in self.row_bits(setting, quantity, among):
            if best in members:
                found = limits(bits.differences(members.index(best)))
                return dict(zip(members, found, strict=True))
        return {}

    def _testable(self, setting: Setting, quantity: Compared, contender: Contender) -> bool:
        """Whether there are two seeds, or rows of the one that there is."""
        seeds = self.by_seed(setting, contender, quantity)
        return len(seeds) > 1 or any(
            self.rows(setting, contender, quantity, seed) is not None for seed in seeds
        )

    def _same_rows(self, setting: Setting, first: Contender, second: Contender, seed: int) -> bool:
        left, right = (self.trials[setting][c][seed].cells for c in (first, second))
        return left == right

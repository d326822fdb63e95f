"""Verdicts on claims: supported, contradicted or undecided, from what a profile has measured."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import copysign, inf, isfinite, nan

from data.claims import Claim, Comparison, Curve, Part
from harness.analysis.evidence.effects import LEVEL, Effect
from harness.analysis.evidence.pairing import (
    SPREAD_SEEDS,
    Reference,
    Side,
    apart,
    metric_of,
    paired,
)
from harness.analysis.metrics import Compared, MethodVariant, Metric, MetricKey
from harness.analysis.profile_scores import ProfileScores
from harness.analysis.statistics import holm_of

SPREAD = "spread_of_"
"""Before a metric's name: its distances from the mean over seeds are compared, and not itself."""


class Verdict(StrEnum):
    """What the records say of a claim."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Finding:
    """One method against one rival on one task.

    Attributes
    ----------
    rival : a method, or the name of a known number.
    effect : positive where the claim says so; None where nothing was measured.
    verdict : after the correction that the part calls for.
    planned : the number of seeds that was fixed beforehand, before which nothing is decided.
    reason : why it is undecided; empty where it is not.
    detectable : the surplus over what is asked that four of five such experiments would support.
    """

    comparison: Comparison
    method_variant: str
    rival: str
    task: str
    effect: Effect | None
    planned: int = 0
    verdict: Verdict = Verdict.UNDECIDED
    reason: str = ""
    detectable: float = nan

    @property
    def lacks(self) -> int:
        """How many of the planned seeds are not there."""
        return max(self.planned - len(self.effect.seeds if self.effect else ()), 0)

    @property
    def surplus(self) -> float:
        """By how many standard errors the effect exceeds what is asked; -inf without an error."""
        if self.effect is None or not isfinite(self.effect.error):
            return -inf
        distance = self.effect.mean - self.comparison.at_least
        error = self.effect.error
        return distance / error if error else copysign(inf, distance)


@dataclass(frozen=True)
class PartVerdict:
    """A part of a claim, with all of its findings."""

    part: Part
    findings: tuple[Finding, ...]
    verdict: Verdict

    @property
    def counts(self) -> Counter[Verdict]:
        """How many findings have each verdict."""
        return Counter(finding.verdict for finding in self.findings)

    @property
    def decisive(self) -> Finding:
        """The finding that the part hangs on, of those with an error or else an effect, if any.

        The least surplus where every one is needed, the largest where some are, else the median.
        """
        ranked = sorted(self.findings, key=lambda finding: finding.surplus)
        there = [finding for finding in ranked if finding.effect is not None] or ranked
        there = [f for f in there if f.effect and isfinite(f.effect.error)] or there
        place = {"every": 0, "some": -1, "most": (len(there) - 1) // 2}[self.part.needs]
        return there[place]


@dataclass(frozen=True)
class ClaimVerdict:
    """A claim, with the verdict on each of its parts.

    It was `measured_since` the day of the oldest record behind it, as in 2026-01-31; empty without
    any.
    """

    claim: Claim
    parts: tuple[PartVerdict, ...]
    verdict: Verdict
    measured_since: str = ""

    @property
    def younger(self) -> bool:
        """Whether the claim got its text after the first of its records was there."""
        return "" < self.measured_since < self.claim.since.isoformat()


def judge(
    measured: ProfileScores, claims: Sequence[Claim], *, seeds: Callable[..., int]
) -> tuple[ClaimVerdict, ...]:
    """Every claim in the light of what a profile has measured.

    A finding is *supported* where the effect is significantly larger than what the claim asks for,
    *contradicted* where it is significantly smaller, each one-sided at half of the 5% level, and
    *undecided* otherwise. A part follows from its findings by what it needs; a claim is supported
    where all parts are, and contradicted where one is. `seeds` gives the number of seeds
    that was fixed beforehand, of a task and the methods named behind it: before these are there
    nothing is decided, and trials with further seeds do not count, so that nobody looks in between
    or adds seeds until a verdict pleases.
    """
    return tuple(_judge_claim(measured, claim, seeds) for claim in claims)


def combine(needs: str, verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict on a part that needs `every`, `most` or `some` of its findings."""
    counts, total = Counter(verdicts), len(verdicts)
    least = {"every": total, "most": total // 2 + 1, "some": 1}[needs]
    if counts[Verdict.SUPPORTED] >= least:
        return Verdict.SUPPORTED
    # Where too many are contradicted, no verdict on the others could make up for them.
    if total - counts[Verdict.CONTRADICTED] < least:
        return Verdict.CONTRADICTED
    return Verdict.UNDECIDED


def decided(findings: Sequence[Finding], needs: str = "every") -> tuple[Finding, ...]:
    """Findings of one part with their verdicts.

    Where `every` finding must be supported, one that is not by chance makes no false claim, so
    supporting needs no correction (an intersection-union test) and contradicting, for which one
    is enough, has Holm's over all that can be tested. For `some` it is the other way round, and for
    `most` both are corrected.

    Source: Berger (1982), Multiparameter hypothesis testing and acceptance sampling.
    """
    known = {i: f.effect for i, f in enumerate(findings) if f.effect and f.effect.decides}
    tested = {i: effect for i, effect in known.items() if not findings[i].lacks}
    asked = [finding.comparison.at_least for finding in findings]
    above = {i: effect.p_above(asked[i]) for i, effect in tested.items()}
    below = {i: effect.p_below(asked[i]) for i, effect in tested.items()}
    if needs != "every":
        above = holm_of(above)
    if needs != "some":
        below = holm_of(below)
    shared_by = 1 if needs == "every" else len(known)
    answers = []
    for i, finding in enumerate(findings):
        if i in known:
            finding = replace(finding, detectable=known[i].detectable(shared_by))
        if above.get(i, 1.0) < LEVEL / 2:
            finding = replace(finding, verdict=Verdict.SUPPORTED)
        elif below.get(i, 1.0) < LEVEL / 2:
            finding = replace(finding, verdict=Verdict.CONTRADICTED)
        else:
            finding = replace(finding, reason=_why_open(finding))
        answers.append(finding)
    return tuple(answers)


def _why_open(finding: Finding) -> str:
    if finding.effect is None:
        return "no records"
    if finding.effect.ceiling:
        return "a ceiling: nothing varies over the seeds"
    if len(finding.effect.seeds) == 1:
        return "one seed decides nothing"
    if finding.lacks:
        return f"{len(finding.effect.seeds)} of {finding.planned} planned seeds"
    if not finding.effect.decides:
        return f"fewer than {SPREAD_SEEDS} seeds decide nothing about a spread"
    return "the interval holds what is asked for"


def _judge_claim(measured: ProfileScores, claim: Claim, seeds: Callable[..., int]) -> ClaimVerdict:
    parts = tuple(_judge_part(measured, part, seeds) for part in claim.parts)
    verdict = combine("every", [part.verdict for part in parts])
    days = (day for part in parts for each in part.findings for day in _days(measured, each))
    return ClaimVerdict(claim, parts, verdict, min(days, default=""))


def _days(measured: ProfileScores, finding: Finding) -> Iterator[str]:
    """The days on which the finding's trials were started, of both sides."""
    if (effect := finding.effect) is None:
        return
    for name in (finding.method_variant, finding.rival):
        trials = measured.at(effect.condition).trials.get(MethodVariant.named(name), {})
        for seed in effect.seeds:
            if seed in trials and "started" in trials[seed].provenance:
                yield str(trials[seed].provenance["started"])[:10]


def _judge_part(measured: ProfileScores, part: Part, seeds: Callable[..., int]) -> PartVerdict:
    asked = [
        Finding(comparison, method_variant, rival, task, effect, planned)
        for comparison in part.comparisons
        for task in comparison.tasks
        for method_variant in comparison.of
        for rival in comparison.against or (comparison.value_of,)
        for planned in [_planned(comparison, method_variant, rival, task, seeds)]
        for effect in _effects(measured, comparison, method_variant, rival, task, planned)
    ]
    findings = decided(asked, part.needs)
    return PartVerdict(part, findings, combine(part.needs, [f.verdict for f in findings]))


def _planned(
    comparison: Comparison, method_variant: str, rival: str, task: str, seeds: Callable[..., int]
) -> int:
    sides = (method_variant, rival) if comparison.against else (method_variant,)
    return seeds(task, *(MethodVariant.named(side).method for side in sides))


def _effects(
    measured: ProfileScores,
    comparison: Comparison,
    method_variant: str,
    rival: str,
    task: str,
    planned: int,
) -> list[Effect | None]:
    """The effect under each backbone that has one; one None where none has."""
    sign = 1.0 if comparison.better == "higher" else -1.0
    found: list[Effect | None] = []
    for condition in measured.main_conditions:
        if condition.task != task:
            continue
        scores = measured.at(condition)
        name = comparison.metric.removeprefix(SPREAD)
        metric = metric_of(scores, name, comparison.probe)
        if metric is None:
            continue
        first = Side(scores, MethodVariant.named(method_variant))
        second = _reference(comparison, metric, first, rival)
        how = paired if name == comparison.metric else apart
        effect = how(metric, first, second, sign=sign, seeds=range(planned))
        if effect is not None:
            found.append(effect)
    return found or [None]


def _reference(comparison: Comparison, metric: Compared, first: Side, rival: str) -> Reference:
    """What a contender is held against: a method, or a known number for each of its seeds."""
    known = comparison.value
    if known is None:
        return Side(first.scores, MethodVariant.named(rival))
    if not isinstance(known, Curve):
        return dict.fromkeys(first.by_seed(metric), float(known))
    rates = first.by_seed(Metric.mean([MetricKey(known.along)]))
    numbers = {seed: known.at(rate) for seed, rate in rates.items()}
    return {seed: number for seed, number in numbers.items() if number is not None}

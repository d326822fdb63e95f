"""Verdicts on claims: supported, contradicted or undecided, from what a profile has measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import copysign, inf, isfinite

from data.claims import Claim, Comparison, Part
from harness.analysis.evidence.effects import Effect, Sample, pooled
from harness.analysis.evidence.pairing import Side, metric_of, sample
from harness.analysis.marks import LEVEL
from harness.analysis.metrics import MethodVariant
from harness.analysis.profile_scores import ProfileScores
from harness.analysis.statistics import holm


class Verdict(StrEnum):
    """What the records say of a claim."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Finding:
    """One method against one rival.

    Attributes
    ----------
    comparison : what was asked.
    method, rival : who; the rival may be the name of a known number.
    tasks : the entries of the comparison's tasks that count here.
    effect : positive where the claim says so; None where nothing was measured.
    verdict : after Holm's correction over all findings of the part.
    reason : why it is undecided; empty where it is not.
    """

    comparison: Comparison
    method_variant: str
    rival: str
    tasks: tuple[tuple[str, ...], ...]
    effect: Effect | None
    verdict: Verdict = Verdict.UNDECIDED
    reason: str = ""

    @property
    def surplus(self) -> float:
        """By how many standard errors the effect exceeds what is asked; -inf without an effect."""
        if self.effect is None:
            return -inf
        distance = self.effect.mean - self.comparison.at_least
        known = isfinite(self.effect.error) and self.effect.error > 0
        return distance / self.effect.error if known else copysign(inf, distance)


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
        """The finding that the part hangs on, among those with an effect where there are any.

        The least surplus where every one is needed, the largest where some are, else the median.
        """
        ranked = sorted(self.findings, key=lambda finding: finding.surplus)
        there = [finding for finding in ranked if finding.effect is not None] or ranked
        place = {"every": 0, "some": -1, "most": (len(there) - 1) // 2}[self.part.needs]
        return there[place]


@dataclass(frozen=True)
class ClaimVerdict:
    """A claim, with the verdict on each of its parts."""

    claim: Claim
    parts: tuple[PartVerdict, ...]
    verdict: Verdict


def judge(measured: ProfileScores, claims: Sequence[Claim]) -> tuple[ClaimVerdict, ...]:
    """Every claim in the light of what a profile has measured.

    A finding is *supported* where the effect is significantly larger than what the claim asks for,
    *contradicted* where it is significantly smaller, each at half of the 5% level with Holm's
    correction over the findings of the part, and *undecided* otherwise. A part follows from its
    findings by what it needs; a claim is supported where all parts are, and contradicted where one
    is.
    """
    return tuple(_judge_claim(measured, claim) for claim in claims)


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


def _judge_claim(measured: ProfileScores, claim: Claim) -> ClaimVerdict:
    parts = tuple(_judge_part(measured, part) for part in claim.parts)
    verdict = combine("every", [part.verdict for part in parts])
    return ClaimVerdict(claim, parts, verdict)


def _judge_part(measured: ProfileScores, part: Part) -> PartVerdict:
    findings = decided([f for c in part.comparisons for f in _findings(measured, c)])
    return PartVerdict(part, findings, combine(part.needs, [f.verdict for f in findings]))


def decided(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Findings with their verdicts, Holm-corrected over all that can be tested."""
    asked = [finding.comparison.at_least for finding in findings]
    tests = [
        (f.effect.p_above(level), f.effect.p_below(level)) if f.effect else (1.0, 1.0)
        for f, level in zip(findings, asked, strict=True)
    ]
    tested = [i for i, pair in enumerate(tests) if findings[i].effect and all(map(isfinite, pair))]
    above = dict(zip(tested, holm([tests[i][0] for i in tested]), strict=True))
    below = dict(zip(tested, holm([tests[i][1] for i in tested]), strict=True))
    answers = []
    for i, finding in enumerate(findings):
        if above.get(i, 1.0) < LEVEL / 2:
            finding = replace(finding, verdict=Verdict.SUPPORTED)
        elif below.get(i, 1.0) < LEVEL / 2:
            finding = replace(finding, verdict=Verdict.CONTRADICTED)
        elif not finding.reason:
            why = (
                "the interval holds what is asked for" if i in above else "one seed decides nothing"
            )
            finding = replace(finding, reason=why)
        answers.append(finding)
    return tuple(answers)


def _findings(measured: ProfileScores, comparison: Comparison) -> Iterator[Finding]:
    groups = [(entry,) for entry in comparison.tasks] if comparison.apart else [comparison.tasks]
    for tasks in groups:
        for method_variant in comparison.of:
            for rival in comparison.against or (comparison.value_of,):
                yield _finding(measured, comparison, method_variant, rival, tasks)


def _finding(
    measured: ProfileScores,
    comparison: Comparison,
    method_variant: str,
    rival: str,
    tasks: tuple[tuple[str, ...], ...],
) -> Finding:
    samples = [
        s for entry in tasks for s in _entry(measured, comparison, method_variant, rival, entry)
    ]
    effect = pooled(samples) if samples else None
    reason = "" if effect else "no records"
    return Finding(comparison, method_variant, rival, tasks, effect, reason=reason)


def _entry(
    measured: ProfileScores,
    comparison: Comparison,
    method_variant: str,
    rival: str,
    entry: tuple[str, ...],
) -> list[Sample]:
    """Samples of the first task that has a pair of seeds, else of the first that has any."""
    found = [_task(measured, comparison, method_variant, rival, task) for task in entry]
    found = [samples for samples in found if samples]
    repeated = [samples for samples in found if any(len(s.values) > 1 for s in samples)]
    return next(iter(repeated or found), [])


def _task(
    measured: ProfileScores, comparison: Comparison, method_variant: str, rival: str, task: str
) -> list[Sample]:
    sign = 1.0 if comparison.better == "higher" else -1.0
    first = Side(measured, MethodVariant.named(method_variant))
    second: Side | float
    if comparison.value is None:
        second = Side(measured, MethodVariant.named(rival))
    else:
        second = comparison.value
    found = []
    for condition in measured.main_conditions:
        if condition.task != task:
            continue
        metric = metric_of(measured, condition, comparison.metric, comparison.probe)
        made = sample(condition, metric, first, second, sign=sign) if metric else None
        if made is not None:
            found.append(made)
    return found

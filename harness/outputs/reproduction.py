"""Fresh trials held against the stored ones of the same contents and settings, score by score.

A score is *equal* where it agrees to the three digits that tables show, *within* where it lies in
the stored score's interval, and *outside* otherwise. The interval is that of the evaluation rows,
clustered by group, as `compare` has it for one seed. A fit on another processor rounds otherwise,
and with the same seed that becomes another fit: then a trained method may differ by `OTHER_FIT`.
Scores that are no means over rows have no interval; they are equal, or shown and not judged.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, nan

import numpy as np

from harness.analysis.evidence.effects import LEVEL, Clusters, effect
from harness.analysis.metrics import PER_ROW, Condition
from harness.analysis.statistics import Interval
from harness.contract.scores import COST_METRICS, Score
from harness.outputs.tables.cells import MISSING, counted, decimal, signed_text
from harness.outputs.tables.layout import Cell, Column, Document, Row, Table
from harness.store.draws import EvaluationDraw, draw_key
from harness.store.records import Record
from harness.store.trial import Trial

EQUAL = 0.0005
"""Half of the last digit that tables show."""

OTHER_FIT = 0.07
"""What the accuracy of masks differed by between processors under one seed, at most."""

PLACE = ("cpu", "device", "precision", "threads")
"""What of a record's provenance decides how numbers are rounded."""

SHOWN = 10
"""Scores outside, and trials left out, that are named."""


@dataclass(frozen=True)
class Held:
    """A fresh score beside the stored one, from which it may lie as far as `reach`.

    `reach` is nan where nothing says so.
    """

    trial: Trial
    score: Score
    fresh: float
    reach: float

    @property
    def difference(self) -> float:
        """Fresh less stored; nan where the fresh trial lacks the score."""
        return self.fresh - self.score.value

    @property
    def verdict(self) -> str:
        """`equal`, `within`, `outside`, or `not judged`."""
        apart = abs(self.difference)
        if apart <= EQUAL * max(1.0, abs(self.score.value)):
            return "equal"
        if not isfinite(apart):
            return "outside"
        if not isfinite(self.reach):
            return "not judged"
        return "within" if apart <= self.reach else "outside"

    def __str__(self) -> str:
        """One line: what was measured, stored, and by how much the fresh one differs."""
        score = self.score
        names = [score.metric.replace("_", " "), score.representation, score.factor, score.probe]
        what = ", ".join(dict.fromkeys(filter(None, names)))
        said = "missing now"
        if isfinite(self.difference):
            said = f"{signed_text(Interval(self.difference))} now, at most {decimal(self.reach)}"
        return f"{self.trial}: {what}: {decimal(score.value)} stored, {said}"


@dataclass(frozen=True)
class Reproduction:
    """All scores of a reproduction.

    `held` are the scores that could be compared, costs left out; `left_out` the trials that could
    not be, and `failed` those that were done when they were stored and are not now, with reasons.
    """

    held: tuple[Held, ...]
    left_out: tuple[tuple[Trial, str], ...]
    failed: tuple[tuple[Trial, str], ...]

    def count(self, verdict: str) -> int:
        """How many scores have this verdict."""
        return sum(each.verdict == verdict for each in self.held)

    @property
    def reproduced(self) -> bool:
        """Whether no trial failed, and no more scores lie outside than 95% intervals leave out."""
        judged = len(self.held) - self.count("not judged")
        return not self.failed and judged > 0 and self.count("outside") <= LEVEL * judged

    @property
    def verdict(self) -> str:
        """What came out, in one line."""
        equal, within, outside = map(self.count, ("equal", "within", "outside"))
        judged = equal + within + outside
        if not judged and not self.failed:
            return "not reproduced: no trial has a stored one to be compared with"
        said = f"{equal} of {judged} scores are equal, {within} within their interval, "
        said += f"{outside} not ({LEVEL:.0%} may be)"
        if self.failed:
            trial, reason = self.failed[0]
            said += f"; {len(self.failed)} trials failed, first {trial}: {reason}"
        return f"{'reproduced' if self.reproduced else 'not reproduced'}: {said}"

    def document(self) -> Document:
        """A line for each trial, and what lies outside or was left out in words."""
        by_trial: dict[Trial, list[Held]] = {}
        for each in self.held:
            by_trial.setdefault(each.trial, []).append(each)
        heads = ("equal", "within", "outside", "not judged", "largest difference")
        rows = [Row((str(trial),), tuple(_cells(held))) for trial, held in by_trial.items()]
        tables = [Table("Reproduction", ("trial",), tuple(map(Column, heads)), tuple(rows))]
        far = sorted(
            (each for each in self.held if each.verdict == "outside"),
            key=lambda each: -abs(each.difference) if isfinite(each.difference) else -np.inf,
        )
        remarks = _named("outside", [str(each) for each in far])
        left_out = [f"{trial}: {why}" for trial, why in self.left_out]
        remarks += _named("could not be compared", left_out)
        return Document("reproduction", "Reproduction", tuple(tables if rows else ()), (*remarks,))


def hold(
    fresh: Sequence[Record], stored: Sequence[Record], draws: Mapping[str, EvaluationDraw]
) -> Reproduction:
    """Hold fresh records against the stored ones of equal keys.

    `draws` are the stored evaluation draws, which have the groups of rows.
    """
    by_key = {record.key: record for record in stored}
    known = {record.trial for record in stored}
    held: list[Held] = []
    left_out: list[tuple[Trial, str]] = []
    failed: list[tuple[Trial, str]] = []
    for now in fresh:
        before = by_key.get(now.key)
        if before is None:
            other = "stored with other settings or contents" if now.trial in known else "not stored"
            left_out.append((now.trial, other))
        elif before.status != "done":
            left_out.append((now.trial, f"stored as {before.status}: {before.reason}"))
        elif now.status != "done":
            failed.append((now.trial, f"{now.status}: {now.reason}"))
        else:
            held += _scores(before, now, draws.get(draw_key(before.inputs)))
    return Reproduction(tuple(held), tuple(left_out), tuple(failed))


def _scores(before: Record, now: Record, draw: EvaluationDraw | None) -> Iterator[Held]:
    found = {_name(score): score.value for score in now.scores}
    trained = found.get(("trainable_parameters", "", "", ""), 0.0) > 0
    moved = any(before.provenance.get(name) != now.provenance.get(name) for name in PLACE)
    least = OTHER_FIT if trained and moved else 0.0
    clusters = None
    if before.rows:
        groups = np.arange(before.rows) if draw is None else draw.groups
        clusters = Clusters.of([before.cell_codes()], [groups])
    where = Condition(before.trial.task, before.trial.correlation, before.trial.backbone)
    for score in before.scores:
        if score.metric in COST_METRICS:
            continue
        reach, name = nan, _name(score)
        if clusters and score.metric in PER_ROW and "/".join(name[1:]) in before.right:
            rows = before.correct_rows(*name[1:]).astype(np.float64)
            interval = effect(where, {0: score.value}, clusters.sums(rows)).interval
            reach = max(interval.half_width, least)
        yield Held(before.trial, score, found.get(name, nan), reach)


def _name(score: Score) -> tuple[str, str, str, str]:
    return score.metric, score.representation, score.factor, score.probe


def _cells(held: Sequence[Held]) -> Iterator[Cell]:
    verdicts = [each.verdict for each in held]
    for name in ("equal", "within", "outside", "not judged"):
        yield counted(verdicts.count(name))
    apart = [abs(each.difference) for each in held if isfinite(each.reach)]
    largest = max(filter(isfinite, apart), default=nan)
    yield Cell(decimal(largest)) if isfinite(largest) else Cell(MISSING)


def _named(what: str, lines: Sequence[str]) -> list[str]:
    if not lines:
        return []
    shown = [f"{len(lines)} {what}:", *(f"  {line}" for line in lines[:SHOWN])]
    return shown if len(lines) <= SHOWN else [*shown, f"  and {len(lines) - SHOWN} more"]

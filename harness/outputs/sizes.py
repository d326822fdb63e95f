"""Two sizes of encoder side by side: what methods are worth, and which findings hold at both."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.claims import claims
from harness.analysis.condition_scores import ConditionScores
from harness.analysis.evidence.pairing import metric_of
from harness.analysis.evidence.verdicts import Finding, Verdict, judge
from harness.analysis.metrics import MethodVariant
from harness.analysis.profile_scores import ProfileScores
from harness.outputs.figures import style
from harness.outputs.figures.charts import Chart, say
from harness.outputs.remarks import every
from harness.outputs.tables.cells import interval_cell, signed_text
from harness.outputs.tables.layout import Cell, Column, Document, Row, Table
from harness.outputs.tables.verdicts import asked_of, named
from harness.runs.profiles import find

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MEASURES = (
    ("target accuracy, linear ↑", "target_accuracy", "linear"),
    ("leakage, linear ↓", "leakage", "linear"),
    ("neighbours kept ↑", "neighbours_kept", ""),
    ("semantic gap ↑", "semantic_gap", ""),
    ("syntactic gap ↑", "syntactic_gap", ""),
)
"""Head, metric and probe of what stands side by side; each task has some of them."""


@dataclass(frozen=True)
class Sizes:
    """What was measured under a smaller and under a larger backbone.

    Attributes
    ----------
    backbones : their names, the smaller one first, as in all that follows.
    tasks : those that both have.
    methods : those of the larger one's profile, whether they ran or not.
    findings : those of the claims that both have, behind the part of the claim, what is compared,
        of which method, against which, on which task.
    """

    backbones: tuple[str, str]
    tasks: tuple[tuple[ConditionScores, ConditionScores], ...]
    methods: tuple[str, ...]
    findings: tuple[tuple[tuple[str, ...], Finding, Finding], ...]


def side_by_side(results: Path, measured: ProfileScores, profile: str) -> Sizes | None:
    """A profile beside the one of its smaller backbone; None where not both are stored."""
    large = find(profile)
    if not large.smaller or not (results / large.smaller / "scores.csv").exists():
        return None
    small, other = find(large.smaller), ProfileScores.read(results, large.smaller)
    known = {s[:2]: other.at(s) for s in other.main_conditions if s.backbone == small.backbone}
    tasks = tuple((known[s[:2]], measured.at(s)) for s in measured.main_conditions
                  if s.backbone == large.backbone and s[:2] in known)  # fmt: skip
    if not tasks:
        return None
    here, there = (
        {
            (f"{claim.claim.name}.{number}", asked_of(f), *map(named, (f.method_variant, f.rival)),
             f.task): f
            for claim in judge(scores, claims(), seeds=of.seeds_of)
            for number, part in enumerate(claim.parts, start=1)
            for f in part.findings
            if f.effect and f.effect.condition.backbone == of.backbone
        }
        for scores, of in ((other, small), (measured, large))
    )  # fmt: skip
    return Sizes(
        (small.backbone, large.backbone),
        tasks,
        large.others,
        tuple((keys, here[keys], there[keys]) for keys in here if keys in there),
    )


def holds(small: Finding, large: Finding) -> bool:
    """Whether a finding holds at both sizes: it is decided, and in the same way."""
    return small.verdict == large.verdict != Verdict.UNDECIDED


def documents(sizes: Sizes | None) -> list[Document]:
    """The tables of all tasks, and the one of the findings; none without two sizes."""
    if sizes is None:
        return []
    rows = []
    for keys, *both in sizes.findings:
        cells = [Cell(signed_text(f.effect.interval), f.effect.interval) for f in both if f.effect]
        cells += [Cell(str(f.verdict)) for f in both]
        rows.append(Row(keys, (*cells, Cell("yes" if holds(*both) else "no", best=holds(*both)))))
    heads = [Column(name, group) for group in ("effect", "verdict") for name in sizes.backbones]
    keys = ("part", "what", "of", "against", "on")
    found = Table("Findings", keys, (*heads, Column("holds at both")), tuple(rows))
    title = " and ".join(sizes.backbones) + " side by side"
    tables = [_task(sizes, *both) for both in sizes.tasks]
    return [Document("sizes", title, (*tables, found), every("sizes"))]


def _task(sizes: Sizes, small: ConditionScores, large: ConditionScores) -> Table:
    """What each method is worth under either backbone; what was not measured is missing."""
    heads, rows = [], {name: list[Cell]() for name in sizes.methods}
    for head, metric, probe in MEASURES:
        for scores, backbone in zip((small, large), sizes.backbones, strict=True):
            if (wanted := metric_of(scores, metric, probe)) is not None:
                heads.append(Column(backbone, head))
                for name, cells in rows.items():
                    cells.append(interval_cell(scores.interval(MethodVariant(name), wanted)))
    lines = tuple(Row((name,), tuple(cells)) for name, cells in rows.items())
    return Table(small.condition.task, ("method",), tuple(heads), lines)


def charts(sizes: Sizes | None) -> list[Chart]:
    """The figure of the findings, where both sizes have some."""
    if sizes is None or not sizes.findings:
        return []
    caption = "The findings of the claims at both sizes; full: the same verdict at both."
    return [Chart("sizes", sizes.tasks[0][1].condition, partial(draw, sizes), caption, first=True)]


def draw(sizes: Sizes) -> Figure:
    """A point for each finding: its surplus under the larger backbone against the smaller one's."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 5.2), layout="constrained")
    ax = figure.subplots()
    parts = list(dict.fromkeys(keys[0] for keys, *_ in sizes.findings))
    shown: set[str] = set()
    for keys, *both in sizes.findings:
        x, y = (finding.surplus for finding in both)
        if isfinite(x) and isfinite(y):
            look: dict[str, Any] = style.numbered(parts.index(keys[0]))
            label = None if keys[0] in shown else keys[0]
            (point,) = ax.plot(x, y, linestyle="none", label=label, **look)
            point.set_markerfacecolor(look["color"] if holds(*both) else "white")
            say(point, "", [f"{', '.join(keys)}: {x:+.1f} and {y:+.1f} standard errors"])
            shown.add(keys[0])
    for line, scaled in ((ax.axhline, ax.set_yscale), (ax.axvline, ax.set_xscale)):
        line(0, color=style.CHANCE_COLOUR, linewidth=1, linestyle="--")
        scaled("symlog", linthresh=3)
    ticks = (-100, -10, -3, 0, 3, 10, 100)
    ax.set_xticks(ticks, list(map(str, ticks)))
    ax.set_yticks(ticks, list(map(str, ticks)))
    ax.set_xlabel(f"{sizes.backbones[0]}: standard errors above what is asked")
    ax.set_ylabel(f"{sizes.backbones[1]}: the same")
    figure.legend(loc="outside right center", fontsize=8)
    return figure

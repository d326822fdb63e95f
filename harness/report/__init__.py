"""The report of a profile: one page of HTML that holds everything and needs nothing else."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from functools import cache
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

from data.claims import claims
from harness.evidence import effects
from harness.evidence.verdicts import ClaimVerdict, Finding, Verdict, judge
from harness.measurements import Measurements
from harness.quantities import Contender
from harness.report import charts
from harness.report.sections import Shown, sections
from harness.report.sources import anchor, hover
from harness.storage import write_atomically
from harness.tables import verdicts
from harness.tables.layout import Cell, Column, decimal

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"


def write_report(results: Path, profile: str) -> Path:
    """Write `results/<profile>/report.html`; equal scores and records give equal bytes.

    Raises
    ------
    UserError : scores or records are missing or damaged, or the folder cannot be written.
    """
    path = results / profile / "report.html"
    write_atomically(path, render(Measurements.read(results, profile), profile))
    return path


def render(measured: Measurements, profile: str) -> str:
    """The whole page."""
    shown = sections(measured, profile)
    page = environment().get_template("report.html.j2")
    return (
        page.render(
            title=f"disentangle-bench: the {profile} profile",
            profile=profile,
            opening=_opening(measured),
            reading=verdicts.READING,
            claims=[_claim(measured, claim) for claim in judge(measured, claims())],
            statistics=_paragraphs(effects.__doc__ or ""),
            sections=shown,
            verdicts=[str(verdict) for verdict in Verdict],
            style=_file("style.css"),
            script=_file("sort.js"),
        )
        + "\n"
    )


@cache
def environment() -> Environment:
    """Jinja's environment for the templates of this folder, which escapes in HTML."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    size = {
        "width": charts.WIDTH,
        "height": charts.HEIGHT,
        "left": charts.LEFT,
        "right": charts.WIDTH - charts.RIGHT,
        "top": charts.TOP,
        "bottom": charts.HEIGHT - charts.BOTTOM,
    }
    made.globals.update(spans=_spans, classes=_classes, shade=_shade, decimal=decimal, size=size)
    return made


def _opening(measured: Measurements) -> str:
    records = [
        r for trials in measured.trials.values() for by in trials.values() for r in by.values()
    ]
    done = sum(record.status == "done" for record in records)
    methods = len({record.trial.method for record in records})
    failed = f"; {len(records) - done} failed or were skipped" if done < len(records) else ""
    return (
        f"How cleanly the aspects of a text can be separated, by which method, and at what cost: "
        f"{done} trials of {methods} methods{failed}. Every row of a table leads to the records "
        "behind it."
    )


def _claim(measured: Measurements, claim: ClaimVerdict) -> dict[str, object]:
    findings = [finding for part in claim.parts for finding in part.findings]
    decisive = [part.decisive for part in claim.parts]
    parts, comparisons = verdicts.parts(claim), verdicts.comparisons(claim)
    return {
        "name": claim.claim.name,
        "says": claim.claim.says,
        "source": claim.claim.source,
        "verdict": str(claim.verdict),
        "parts": Shown(f"Parts of {claim.claim.name}", parts, *_traced(measured, decisive)),
        "comparisons": Shown(
            f"Comparisons of {claim.claim.name}", comparisons, *_traced(measured, findings)
        ),
    }


def _traced(
    measured: Measurements, findings: Iterable[Finding]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """For each finding the anchor of its first source, and the records behind it."""
    links, hovers = [], []
    for finding in findings:
        samples = finding.effect.samples if finding.effect else ()
        names = [finding.contender]
        names += [finding.rival] if finding.comparison.value is None else []
        places = [(s.setting, Contender.named(name)) for s in samples for name in names]
        links.append(anchor(*places[0]) if places else "")
        hovers.append(
            " | ".join(
                f"{where.title}, {who.label}: {hover(measured, where, who)}"
                for where, who in places
            )
        )
    return tuple(links), tuple(hovers)


def _paragraphs(text: str) -> list[Markup]:
    """What the module that computes effects says of seeds and rows, without its first line."""
    from markupsafe import Markup, escape

    flat = [" ".join(part.split()) for part in text.split("\n\n")[1:]]
    # Escaped first: what remains between backticks is text, and becomes code.
    return [Markup(re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(part)))) for part in flat]


def _spans(columns: tuple[Column, ...]) -> list[tuple[str, int]]:
    """Neighbours of one group together: the group and how many."""
    grouped = itertools.groupby(columns, key=lambda column: column.group)
    return [(group, len(list(members))) for group, members in grouped]


def _classes(cell: Cell, shaded: bool) -> Markup:
    """The attributes of a cell: its number for sorting, and how it looks."""
    from markupsafe import Markup

    words = ["best"] if cell.best else []
    number = cell.number.mean if cell.number else float("nan")
    parts = [f' data-v="{number:.6g}"'] if isfinite(number) else []
    if shaded and isfinite(number):
        words.append("shaded")
        parts.append(f' style="--v:{_share(number)}"')
    parts += [f' class="{" ".join(words)}"'] if words else []
    return Markup("".join(parts))


def _shade(value: float) -> Markup:
    from markupsafe import Markup

    return Markup(f' class="shaded" style="--v:{_share(value)}"')


def _share(value: float) -> str:
    return f"{min(max(value, 0.0), 1.0):.3g}"


def _file(name: str) -> Markup:
    from markupsafe import Markup

    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))

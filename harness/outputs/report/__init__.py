"""The report of a profile: one page of HTML that holds everything and needs nothing else."""

import re
from collections.abc import Iterable
from pathlib import Path

from markupsafe import Markup, escape

from data.claims import claims
from harness.analysis.evidence import effects
from harness.analysis.evidence.verdicts import ClaimVerdict, Finding, Verdict, judge
from harness.analysis.metrics import MethodVariant
from harness.analysis.profile_scores import ProfileScores
from harness.outputs.figures import style
from harness.outputs.report.environment import environment, verbatim
from harness.outputs.report.sections import Shown, of_sizes, sections
from harness.outputs.report.sources import anchor, hover, whole
from harness.outputs.sizes import Sizes, side_by_side
from harness.outputs.tables import verdicts
from harness.runs.profiles import find
from harness.system.storage import write_atomically


def write_report(results: Path, profile: str) -> Path:
    """Write `results/<profile>/report.html`; equal scores and records give equal bytes.

    UserError where scores or records are missing or damaged, or the folder cannot be written.
    """
    path = results / profile / "report.html"
    measured = ProfileScores.read(results, profile, find(profile).seeds_of)
    write_atomically(path, render(measured, profile, side_by_side(results, measured, profile)))
    return path


def render(measured: ProfileScores, profile: str, sizes: Sizes | None = None) -> str:
    """The whole page, with the profile beside that of a smaller backbone where there are both."""
    judged = judge(measured, claims(), seeds=find(profile).seeds_of)
    with style.look():
        shown = (*of_sizes(sizes, measured, profile), *sections(measured, profile))
    template = environment().get_template("report.html.j2")
    page: str = template.render(
        title=f"disentangle-bench: the {profile} profile",
        profile=profile,
        opening=_opening(measured),
        reading=verdicts.READING,
        claims=[_claim(measured, claim) for claim in judged],
        statistics=_paragraphs(effects.__doc__ or ""),
        sections=shown,
        everything=whole(profile),
        verdicts=[str(verdict) for verdict in Verdict],
        style=verbatim("style.css"),
        script=verbatim("sort.js"),
    )
    return f"{page}\n"


def _opening(measured: ProfileScores) -> str:
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


def _claim(measured: ProfileScores, claim: ClaimVerdict) -> dict[str, object]:
    findings = [finding for part in claim.parts for finding in part.findings]
    decisive = [part.decisive for part in claim.parts]
    parts, comparisons = verdicts.parts(claim), verdicts.comparisons(claim)
    return {
        "name": claim.claim.name,
        "says": claim.claim.says,
        "source": verdicts.origin(claim),
        "verdict": str(claim.verdict),
        "parts": Shown(f"Parts of {claim.claim.name}", parts, *_traced(measured, decisive)),
        "comparisons": Shown(
            f"Comparisons of {claim.claim.name}", comparisons, *_traced(measured, findings)
        ),
    }


def _traced(
    measured: ProfileScores, findings: Iterable[Finding]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """For each finding the anchor of its first source, and the records behind it."""
    links, hovers = [], []
    for finding in findings:
        names = [finding.method_variant]
        names += [finding.rival] if finding.comparison.value is None else []
        where = [finding.effect.condition] if finding.effect else []
        places = [(condition, MethodVariant.named(name)) for condition in where for name in names]
        links.append(anchor(*places[0]) if places else "")
        hovers.append(
            " | ".join(
                f"{where.title}, {who.label}: {hover(measured.at(where), who)}"
                for where, who in places
            )
        )
    return tuple(links), tuple(hovers)


def _paragraphs(text: str) -> list[Markup]:
    """What the module that computes effects says of seeds and rows, without its first line."""
    flat = [" ".join(part.split()) for part in text.split("\n\n")[1:]]
    # Escaped first: what remains between backticks is text, and becomes code.
    return [Markup(re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(part)))) for part in flat]

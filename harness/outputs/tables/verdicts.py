"""Verdicts on the papers' claims as tables: an overview, and every comparison behind it."""

from collections.abc import Sequence

from harness.analysis.evidence.verdicts import ClaimVerdict, Finding, PartVerdict, Verdict
from harness.analysis.statistics import Interval
from harness.outputs.remarks import every
from harness.outputs.tables.cells import MISSING, decimal, number_cell, signed_text
from harness.outputs.tables.layout import Cell, Column, Document, Row, Table

HEADS = (Column("effect"), Column("asked"), Column("seeds"), Column("rows"), Column("detectable"))
PART_HEADS = (Column("verdict"), Column("holds"), *HEADS)

READING = every("verdicts")


def documents(profile: str, judged: Sequence[ClaimVerdict]) -> list[Document]:
    """The overview, a line a part, and the document with a line for each comparison."""
    title = f"Verdicts of the {profile} profile on the papers' claims"
    return [
        Document("verdicts", title, (overview(judged),), (*READING, *every("overview"))),
        Document(
            "verdicts-comparisons",
            f"{title}: every comparison",
            tuple(comparisons(claim) for claim in judged),
            READING,
        ),
    ]


def overview(judged: Sequence[ClaimVerdict]) -> Table:
    """Claims with their parts under them, each with its verdict."""
    rows: list[Row] = []
    for claim in judged:
        held = sum(part.verdict is Verdict.SUPPORTED for part in claim.parts)
        cells = (_verdict(claim.verdict), Cell(f"{held} of {len(claim.parts)}", Interval(held)))
        said = f"{claim.claim.says} ({origin(claim)})"
        rows.append(Row((claim.claim.name, said), (*cells, *[Cell("")] * len(HEADS)), apart=True))
        rows += parts(claim).rows
    return Table("", ("claim", "what it says"), PART_HEADS, tuple(rows))


def parts(claim: ClaimVerdict) -> Table:
    """The parts of a claim, a line each."""
    rows = tuple(_part(claim, number, part) for number, part in enumerate(claim.parts, start=1))
    return Table("", ("part", "what it says"), PART_HEADS, rows)


def comparisons(claim: ClaimVerdict) -> Table:
    """Every comparison behind a claim, a line each, in the order of its parts."""
    rows = []
    for number, part in enumerate(claim.parts, start=1):
        for finding in part.findings:
            keys = (
                f"{claim.claim.name}.{number}",
                asked_of(finding),
                named(finding.method_variant),
                finding.rival if finding.comparison.value is not None else named(finding.rival),
                finding.task,
            )
            said = f"{finding.verdict}: {finding.reason}" if finding.reason else finding.verdict
            rows.append(Row(keys, (Cell(str(said)), *effect_cells(finding))))
    heads = ("part", "what", "of", "against", "on")
    title = f"{claim.claim.name}: {claim.verdict}"
    return Table(title, heads, (Column("verdict"), *HEADS), tuple(rows))


def origin(claim: ClaimVerdict) -> str:
    """Who says it, since when it stands in these words, and whether records came before them."""
    text = f"text {claim.claim.digest} of {claim.claim.since}"
    younger = f", younger than its records of {claim.measured_since}" if claim.younger else ""
    return f"{claim.claim.source}; {text}{younger}"


def named(method_variant: str) -> str:
    """`masked-weights (sparsity-0.9)` from `masked-weights:sparsity-0.9`."""
    method, _, variant = method_variant.partition(":")
    return f"{method} ({variant})" if variant else method


def asked_of(finding: Finding) -> str:
    """What is compared, such as `leakage, mlp ↓`."""
    comparison = finding.comparison
    name = comparison.metric.replace("_", " ")
    arrow = "↑" if comparison.better == "higher" else "↓"
    return f"{name}, {comparison.probe} {arrow}" if comparison.probe else f"{name} {arrow}"


def effect_cells(finding: Finding) -> tuple[Cell, ...]:
    """The cells under `HEADS`."""
    effect = finding.effect
    threshold = finding.comparison.at_least
    asked = Cell(f"> {decimal(threshold)}", Interval(threshold))
    if effect is None:
        return Cell(MISSING), asked, Cell("0", Interval(0)), Cell(MISSING), Cell(MISSING)
    return (
        Cell(signed_text(effect.interval), effect.interval),
        asked,
        Cell(str(len(effect.seeds)), Interval(len(effect.seeds))),
        Cell(f"{effect.rows:,}" if effect.rows else MISSING, Interval(effect.rows)),
        number_cell(finding.detectable),
    )


def _part(claim: ClaimVerdict, number: int, part: PartVerdict) -> Row:
    held, total = part.counts[Verdict.SUPPORTED], len(part.findings)
    cells = (_verdict(part.verdict), Cell(f"{held} of {total}", Interval(held)))
    finding = part.decisive
    if finding.effect is None or (finding.lacks and part.verdict is Verdict.UNDECIDED):
        cells = (Cell(f"{part.verdict}: {finding.reason}"), cells[1])
    return Row((f"{claim.claim.name}.{number}", part.part.says), (*cells, *effect_cells(finding)))


def _verdict(verdict: Verdict) -> Cell:
    return Cell(str(verdict), best=verdict is not Verdict.UNDECIDED)

"""An audit as tables, as text for a terminal, and as one page of HTML."""

from harness.analysis.statistics import Interval
from harness.outputs.audit.result import Audit, Reading, Representation
from harness.outputs.remarks import every
from harness.outputs.report.environment import environment, verbatim
from harness.outputs.report.sections import Shown
from harness.outputs.tables import plain
from harness.outputs.tables.cells import MISSING, decimal, interval_cell
from harness.outputs.tables.layout import Cell, Column, Document, Row, Table


def text(found: Audit) -> str:
    """For a terminal: what it says first, and the tables below."""
    said = [*found.verdicts, *(f"warning: {each}" for each in found.warnings)]
    said += [f"note: {each}" for each in found.notes]
    tables = (readings(found), representations(found))
    return "\n\n".join(["\n".join(said), plain.render(Document("audit", "Audit", tables))])


def page(found: Audit) -> str:
    """One page of HTML that needs nothing else."""
    shown = []
    for table, what in ((readings(found), "read"), (representations(found), "kept")):
        none = ("",) * len(table.rows)
        shown.append(Shown(table.title, table, none, none, every(f"audit_{what}")))
    template = environment().get_template("audit.html.j2")
    return template.render(
        found=found,
        shown=shown,
        verdicts=[],
        style=verbatim("style.css"),
        script=verbatim("sort.js"),
    )


def readings(found: Audit) -> Table:
    """A row for each representation, aspect and probe."""
    rows, before = [], ("", "")
    for each in found.readings:
        place = (each.representation, each.aspect)
        keys = (*place, each.role, each.probe)
        rows.append(Row(keys, _cells(found, each), apart=place != before))
        before = place
    columns = tuple(Column(name) for name in ("accuracy", "chance", "usable bits", "code"))
    return Table("What is read", ("vectors", "aspect", "role", "probe"), columns, tuple(rows))


def representations(found: Audit) -> Table:
    """A row for each representation."""
    names = dict.fromkeys(name for each in found.representations for name in each.details)
    columns = [Column("width"), Column("effective rank")]
    if any(each.kept for each in found.representations):
        columns += map(Column, ("neighbours kept", "chance", "recovered", "CKA"))
    columns += [Column(name, "details") for name in names]
    rows = []
    for each in found.representations:
        cells = [
            Cell(f"{each.width:,}", Interval(each.width)),
            Cell(f"{each.effective_rank:.1f}", Interval(each.effective_rank)),
            *_kept(each),
            *(_number(each.details.get(name)) for name in names),
        ]
        rows.append(Row((each.name,), tuple(cells)))
    return Table("What is kept", ("vectors",), tuple(columns), tuple(rows))


def _cells(found: Audit, each: Reading) -> tuple[Cell, ...]:
    return (
        interval_cell(each.accuracy),
        _number(found.chance[each.aspect]),
        interval_cell(each.usable_bits),
        _number(each.description_length),
    )


def _kept(each: Representation) -> list[Cell]:
    if each.kept is None:
        return []
    kept = each.kept
    return [
        interval_cell(kept.neighbours),
        *map(_number, (kept.neighbours_chance, kept.recovered, kept.linear_cka)),
    ]


def _number(value: float | None) -> Cell:
    return Cell(MISSING) if value is None else Cell(decimal(value), Interval(value))

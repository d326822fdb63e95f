"""The table of tuning: what each method chose, and whether the order of methods hangs on a rule."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from data.errors import UserError
from harness.analysis.statistics import Interval
from harness.outputs.remarks import every
from harness.outputs.tables.cells import counted, number_cell
from harness.outputs.tables.layout import Cell, Column, Document, Row, Table
from harness.runs.tuning.fits import Candidate, Fit, chosen, drawn, stored_fits

CHOSEN = "chosen, three seeds"
RULES = ("first seed, keeping neighbours", "first seed, distance alone")
"""Two rules of choosing, compared where all settings were tried."""

COLUMNS = (
    Column("fits"),
    Column("settings", CHOSEN),
    *(
        Column(name, of)
        for of in (CHOSEN, *RULES)
        for name in ("distance ↓", "place", "neighbours")
    ),
    Column("computed in"),
)


def documents(folder: Path) -> Iterator[Document]:
    """One document for each task on which every method has all of its fits."""
    for task in sorted(each for each in folder.glob("*") if each.is_dir()):
        fits = stored_fits(task)
        try:
            table = _table(fits)
        except UserError:
            # Unfinished: the command that tunes says so, and goes on.
            continue
        yield Document(f"tuning-{task.name}", f"Tuning on {task.name}", (table,), every("tuned"))


def _table(fits: Mapping[str, Sequence[Fit]]) -> Table:
    found = {method: chosen(own) for method, own in fits.items()}
    keeping = {method: drawn(own)[0] for method, own in fits.items()}
    alone = {m: min(drawn(own), key=lambda each: each.distance) for m, own in fits.items()}
    columns = [_cells(each) for each in (found, keeping, alone)]
    rows = []
    for method in sorted(found, key=lambda method: found[method].distance):
        settings = json.loads(found[method].settings)
        cells = (
            counted(len(fits[method])),
            Cell(" ".join(f"{name}={value}" for name, value in settings.items())),
            *(cell for of in columns for cell in of[method]),
            Cell(", ".join(sorted({fit.precision for fit in fits[method]}))),
        )
        rows.append(Row((method,), cells))
    return Table("", ("method",), COLUMNS, tuple(rows))


def _cells(choices: Mapping[str, Candidate]) -> dict[str, tuple[Cell, ...]]:
    """Of each method the distance, its place among all of them, and the neighbours kept."""
    order = sorted(choices, key=lambda method: choices[method].distance)
    cells: dict[str, tuple[Cell, ...]] = {}
    for place, method in enumerate(order, start=1):
        each = choices[method]
        kept = number_cell(min(fit.neighbours_kept for fit in each.fits))
        cells[method] = (number_cell(each.distance), Cell(str(place), Interval(place)), kept)
    return cells

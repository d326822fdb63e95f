"""The table of tuning: what each method chose, and whether the order of methods hangs on a rule."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from data.errors import UserError
from harness.analysis.statistics import Interval
from harness.outputs.remarks import every
from harness.outputs.tables.cells import counted, number_cell
from harness.outputs.tables.layout import Cell, Column, Document, Row, Table
from harness.runs.tuning.fits import Candidate, Fit, chosen, stored_fits

RULES = {
    "keeping neighbours": ("distance ↓", "place", "neighbours", "settings"),
    "by distance alone": ("distance ↓", "place", "neighbours"),
}
"""Rules of choosing, and what the table says of each choice."""

COLUMNS = (
    Column("fits"),
    *(Column(name, rule) for rule in RULES for name in RULES[rule]),
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
    keeping = {method: chosen(own) for method, own in fits.items()}
    alone = {method: chosen(own, keeping=False) for method, own in fits.items()}
    order = sorted(fits, key=lambda method: keeping[method].distance)
    by_distance = sorted(fits, key=lambda method: alone[method].distance)
    rows = []
    for place, method in enumerate(order, start=1):
        cells = (
            counted(len(fits[method])),
            *_cells(keeping[method], place),
            Cell(" ".join(f"{k}={v}" for k, v in json.loads(keeping[method].settings).items())),
            *_cells(alone[method], by_distance.index(method) + 1),
            Cell(", ".join(sorted({fit.precision for fit in fits[method]}))),
        )
        rows.append(Row((method,), cells))
    return Table("", ("method",), COLUMNS, tuple(rows))


def _cells(found: Candidate, place: int) -> tuple[Cell, ...]:
    kept = min(fit.neighbours_kept for fit in found.fits)
    return number_cell(found.distance), Cell(str(place), Interval(place)), number_cell(kept)

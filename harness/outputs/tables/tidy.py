"""Tables as CSV: one line for each number, in full precision, for reading by programs."""

import csv
import io
from math import isfinite

from harness.outputs.tables.layout import Document

HEADS = ("table", "row", "column", "mean", "low", "high", "best", "shown")


def render(document: Document) -> str:
    """The whole file; `row` joins the keys of a row, and `shown` is what the tables print."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADS)
    for table in document.tables:
        for row in table.rows:
            names = " / ".join(key for key in row.keys if key)
            for column, cell in zip(table.columns, row.cells, strict=True):
                interval = cell.number
                limits = (interval.mean, interval.low, interval.high) if interval else ()
                numbers = [f"{value:.10g}" if isfinite(value) else "" for value in limits]
                writer.writerow(
                    [
                        table.title,
                        names,
                        column.full_name,
                        *(numbers or ["", "", ""]),
                        str(cell.best).lower(),
                        cell.text,
                    ]
                )
    return text.getvalue()

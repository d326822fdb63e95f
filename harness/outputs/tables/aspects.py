"""Tables of tasks with labelled aspects."""

from __future__ import annotations

from harness.analysis.measurements import Measurements
from harness.outputs.tables import content, variants
from harness.outputs.tables.columns import summary_columns
from harness.outputs.tables.layout import Document, Summary


def summary(measured: Measurements) -> Summary:
    """For each task and backbone, at its main correlation, one line a method."""
    shown = measured.main_settings
    tables = tuple(
        content.comparison(measured, s, s.title, summary_columns(measured, s)) for s in shown
    )
    several = any(len(measured.aspects(setting)) > 2 for setting in shown)
    return Summary(tables, content.remarks(tables, several=several))


def documents(measured: Measurements) -> list[Document]:
    """For each setting all columns, the leakage matrix, costs, own scores and variants."""
    made: list[Document] = []
    for setting in measured.settings:
        own = content.own_scores(measured, setting)
        made += [
            content.main(measured, setting),
            content.matrix(measured, setting),
            content.costs(measured, setting),
            *([own] if own else []),
            *variants.documents(measured, setting, variants.accuracy_columns(measured, setting)),
        ]
    return made

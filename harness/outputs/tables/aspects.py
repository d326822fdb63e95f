"""Tables of tasks with labelled aspects."""

from __future__ import annotations

from harness.analysis.profile_scores import ProfileScores
from harness.outputs.tables import content, correlation, variants
from harness.outputs.tables.layout import Document, Summary


def summary(measured: ProfileScores) -> Summary:
    """For each task and backbone, at its main correlation, one line a method."""
    shown = measured.main_conditions
    tables = tuple(content.summary(measured, s, s.title) for s in shown)
    several = any(len(measured.aspects(condition)) > 2 for condition in shown)
    return Summary(tables, content.remarks(tables, several=several))


def documents(measured: ProfileScores) -> list[Document]:
    """For each condition all columns, the leakage matrix, costs, SCR, own scores and variants."""
    made: list[Document] = []
    for condition in measured.conditions:
        own = content.own_scores(measured, condition)
        removed = correlation.document(measured, condition)
        made += [
            content.main(measured, condition),
            content.matrix(measured, condition),
            content.costs(measured, condition),
            *([removed] if removed else []),
            *([own] if own else []),
            *variants.documents(
                measured, condition, variants.accuracy_columns(measured, condition)
            ),
        ]
    return made

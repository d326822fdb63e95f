"""Tables of tasks with labelled aspects."""

from harness.analysis.profile_scores import ProfileScores
from harness.outputs.tables import content, correlation, variants
from harness.outputs.tables.layout import Document, Summary


def summary(measured: ProfileScores) -> Summary:
    """For each task and backbone, at its main correlation, one line a method."""
    shown = [measured.at(condition) for condition in measured.main_conditions]
    tables = tuple(content.summary(s, s.condition.title) for s in shown)
    several = any(len(scores.aspects) > 2 for scores in shown)
    return Summary(tables, content.remarks(tables, several=several))


def documents(measured: ProfileScores) -> list[Document]:
    """For each condition all columns, the leakage matrix, costs, SCR, own scores and variants."""
    made: list[Document] = []
    for scores in map(measured.at, measured.conditions):
        own = content.own_scores(scores)
        removed = correlation.document(scores)
        made += [
            content.main(scores),
            content.matrix(scores),
            content.costs(scores),
            *([removed] if removed else []),
            *([own] if own else []),
            *variants.documents(scores, variants.accuracy_columns(scores)),
        ]
    return made

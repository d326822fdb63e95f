"""The table of SCR, for comparison with benchmarks that report it."""

from harness.analysis.condition_scores import ConditionScores
from harness.analysis.metrics import MethodVariant
from harness.analysis.spurious_correlation import correlation_removed
from harness.outputs.remarks import every
from harness.outputs.tables import content
from harness.outputs.tables.cells import interval_cell
from harness.outputs.tables.layout import Column, Document, Row, Table

TITLE = "spurious correlation removed"


def document(scores: ConditionScores) -> Document | None:
    """One line a method, one column for each upper bound; None where there is no upper bound."""
    everyone = scores.method_variants
    oracles = [each for each in everyone if scores.apart.get(each.method) == "upper bound"]
    if not oracles:
        return None
    accuracy = scores.mean_group("average_accuracy")

    def row(each: MethodVariant) -> Row:
        intervals = (
            scores.interval(each, accuracy),
            *(correlation_removed(scores, each, oracle) for oracle in oracles),
        )
        return content.method_row(scores, each, map(interval_cell, intervals))

    heads = (
        Column("average ↑", "group accuracy"),
        *(Column(f"{oracle.label} ↑", "SCR") for oracle in oracles),
    )
    table = Table("", ("method",), heads, tuple(map(row, everyone)))
    remarks = (content.REMARKS[0], *every("correlation_removed"))
    return content.document(scores, "scr", TITLE, table, *remarks)

"""Variants less their method's default, pair by pair of trials that share a seed."""

from collections.abc import Sequence

from harness.analysis.condition_scores import ConditionScores
from harness.analysis.evidence.pairing import Side, paired
from harness.analysis.metrics import MethodVariant
from harness.outputs.remarks import every
from harness.outputs.tables.cells import MISSING, counted, signed_text
from harness.outputs.tables.columns import Measured
from harness.outputs.tables.layout import Cell, Column, Row, Table

TITLE = "Less the default"

REMARKS = every("less_default")


def table(
    scores: ConditionScores, variants: Sequence[MethodVariant], columns: Sequence[Measured]
) -> Table | None:
    """One row for each variant that shares a seed with its method's default, in the order given.

    None where no variant does.
    """
    rows = []
    for method_variant in variants:
        default = MethodVariant(method_variant.method)
        done, compared = (
            {r.trial.seed for r in scores.records(each) if r.status == "done"}
            for each in (method_variant, default)
        )
        shared = done & compared
        if method_variant != default and shared:
            sides = Side(scores, method_variant), Side(scores, default)
            cells = (_cell(column, *sides) for column in columns)
            numbers = (counted(len(shared)), *cells)
            rows.append(Row((method_variant.label,), numbers, of=method_variant))
    if not rows:
        return None
    heads = (Column("seeds"), *(column.column for column in columns))
    return Table(TITLE, ("variant",), heads, tuple(rows))


def _cell(column: Measured, side: Side, default: Side) -> Cell:
    found = paired(column.metric, side, default)
    if found is None:
        return Cell(MISSING)
    return Cell(signed_text(found.interval, column.digits), found.interval)

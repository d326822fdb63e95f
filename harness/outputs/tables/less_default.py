"""Variants less their method's default, pair by pair of trials that share a seed."""

from __future__ import annotations

from collections.abc import Sequence

from harness.analysis.evidence.effects import pooled
from harness.analysis.evidence.pairing import Side, sample
from harness.analysis.measurements import Measurements
from harness.analysis.quantities import Compared, Contender, Setting
from harness.analysis.statistics import Interval, mean_interval
from harness.outputs.tables.columns import Measured
from harness.outputs.tables.layout import MISSING, Cell, Column, Row, Table, signed_text

TITLE = "Less the default"

REMARK = (
    "Less the default: each variant's trials against the default's with the same seeds, so on the "
    "same texts, ± half of the 95% interval (Student's over seeds). One seed decides nothing: its "
    "interval is that of the evaluation rows, where they are kept."
)


def table(
    measured: Measurements,
    setting: Setting,
    variants: Sequence[Contender],
    columns: Sequence[Measured],
) -> Table | None:
    """One row for each variant that shares a seed with its method's default, in the order given.

    None where no variant does.
    """
    rows = []
    for contender in variants:
        default = Contender(contender.method)
        shared = _seeds(measured, setting, contender) & _seeds(measured, setting, default)
        if contender != default and shared:
            cells = [
                _cell(measured, setting, column.quantity, contender, default) for column in columns
            ]
            seeds = Cell(str(len(shared)), Interval(len(shared)))
            rows.append(Row((contender.label,), (seeds, *cells)))
    if not rows:
        return None
    heads = (Column("seeds"), *(column.column for column in columns))
    return Table(TITLE, ("variant",), heads, tuple(rows))


def _seeds(measured: Measurements, setting: Setting, contender: Contender) -> set[int]:
    trials = measured.trials.get(setting, {}).get(contender, {})
    return {seed for seed, record in trials.items() if record.status == "done"}


def _cell(
    measured: Measurements,
    setting: Setting,
    quantity: Compared,
    contender: Contender,
    default: Contender,
) -> Cell:
    ours, theirs = (measured.by_seed(setting, c, quantity) for c in (contender, default))
    differences = [ours[seed] - theirs[seed] for seed in ours if seed in theirs]
    # Rows say something of one seed alone, and unpacking them would take most of the time.
    if len(differences) > 1:
        interval = mean_interval(differences)
    else:
        found = sample(setting, quantity, Side(measured, contender), Side(measured, default))
        if found is None:
            return Cell(MISSING)
        interval = pooled([found]).interval
    return Cell(signed_text(interval), interval)

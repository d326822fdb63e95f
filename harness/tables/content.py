"""What the tables say: which quantities stand in which columns, and what is marked."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from harness.measurements import Measurements
from harness.quantities import Contender, Measure, Quantity, Setting, group_accuracy
from harness.statistics import Interval, mean_interval
from harness.tables.layout import (
    DAGGER,
    MISSING,
    Cell,
    Column,
    Document,
    Row,
    Table,
    decimal,
    interval_text,
    quantity_text,
)

PROBES = ("linear", "mlp")

COSTS = (
    ("fit_seconds", "fit", "s"),
    ("encode_texts_per_second", "texts/s", " "),
    ("evaluate_seconds", "evaluation", "s"),
    ("peak_memory_bytes", "peak memory", "B"),
    ("trainable_parameters", "trainable parameters", ""),
    ("artifact_bytes", "artifact", "B"),
)
"""Metric, head and unit of the cost table."""

COMMON = frozenset(
    {
        "target_accuracy",
        "leakage",
        "description_length",
        "average_accuracy",
        "worst_group_accuracy",
        *(metric for metric, _, _ in COSTS),
    }
)
"""Metrics that the harness measures on every method; all others are a method's own."""

REMARKS = (
    "Mean over seeds ± half of its 95% interval (Student). With one seed the interval speaks of "
    "the evaluation rows alone.",
    "Bold: not distinguishable from the best of the column at the 5% level, paired over splits "
    "and evaluation rows, Holm-corrected over methods.",
)
BELOW = f"{DAGGER} Significantly below chance: a fault of the measurement, so never marked as best."
OTHERS = "Leakage is the mean over the other aspects."


@dataclass(frozen=True)
class Measured:
    """A head and the quantity under it."""

    column: Column
    quantity: Quantity


def main(measured: Measurements, setting: Setting) -> Document:
    """The main table of a setting: a summary, then each representation by itself."""
    aspects = measured.aspects(setting)
    tables = [comparison(measured, setting, "Summary", summary_columns(measured, setting))]
    for aspect in aspects:
        columns = _representation_columns(measured, setting, aspect)
        title = f"{aspect} representation"
        tables.append(comparison(measured, setting, title, columns))
    return Document(
        name=setting.slug,
        title=setting.title,
        tables=tuple(tables),
        remarks=remarks(tables, several=len(aspects) > 2),
    )


def summary_columns(measured: Measurements, setting: Setting) -> tuple[Measured, ...]:
    """Means over the representations."""
    target, leakage = (
        {probe: f(setting, probe) for probe in PROBES}
        for f in (measured.mean_target, measured.mean_leakage)
    )
    return (
        Measured(Column("linear ↑", "target accuracy"), target["linear"]),
        Measured(Column("mlp ↑", "target accuracy"), target["mlp"]),
        Measured(Column("linear ↓", "leakage"), leakage["linear"]),
        Measured(Column("mlp ↓", "leakage"), leakage["mlp"]),
        Measured(Column("linear ↑", "gap"), target["linear"].minus(leakage["linear"])),
        Measured(Column("worst ↑", "group accuracy"), measured.mean_worst_group(setting)),
    )


def matrix(measured: Measurements, setting: Setting) -> Document:
    """For each method the accuracy of every factor on every representation, K x K."""
    aspects = measured.aspects(setting)
    columns = tuple(Column(factor, f"{probe} probe") for probe in PROBES for factor in aspects)
    rows = []
    for contender in measured.contenders(setting):
        for aspect in aspects:
            cells = []
            for probe in PROBES:
                for factor in aspects:
                    metric = "target_accuracy" if factor == aspect else "leakage"
                    quantity = Quantity.mean([Measure(metric, aspect, factor, probe)])
                    interval = measured.interval(setting, contender, quantity)
                    cells.append(Cell(interval_text(interval), interval))
            rows.append(Row((contender.label, aspect), tuple(cells)))
    chance = tuple(
        _chance_cell(measured, setting, Quantity.mean([Measure("leakage", "", factor, probe)]))
        for probe in PROBES
        for factor in aspects
    )
    rows.append(Row(("chance", ""), chance, apart=True))
    table = Table("", ("method", "representation"), columns, tuple(rows))
    remark = "Diagonal: target accuracy. Elsewhere: leakage of the column's factor."
    return Document(
        name=f"{setting.slug}-leakage-matrix",
        title=f"{setting.title}: accuracy of every factor on every representation",
        tables=(table,),
        remarks=(remark, REMARKS[0]),
    )


def costs(measured: Measurements, setting: Setting) -> Document:
    """Seconds, speed, memory and sizes; means over seeds."""
    rows = []
    for contender in measured.contenders(setting):
        cells = []
        for metric, _, unit in COSTS:
            seeds = measured.by_seed(setting, contender, Quantity.mean([Measure(metric)]))
            interval = mean_interval(list(seeds.values())) if seeds else None
            text = quantity_text(interval.mean, unit) if interval else MISSING
            cells.append(Cell(text, interval))
        rows.append(Row((contender.label,), tuple(cells)))
    columns = tuple(Column(head) for _, head, _ in COSTS)
    return Document(
        name=f"{setting.slug}-cost",
        title=f"{setting.title}: cost",
        tables=(Table("", ("method",), columns, tuple(rows)),),
        remarks=(
            "Means over seeds; times and memory are those of the machine named in the records.",
        ),
    )


def own_scores(measured: Measurements, setting: Setting) -> Document | None:
    """What methods measured on themselves; None where none did."""
    rows = []
    for contender in measured.contenders(setting):
        for measure in measured.measures(setting, contender):
            if measure.metric in COMMON:
                continue
            interval = measured.interval(setting, contender, Quantity.mean([measure]))
            names = (measure.metric, measure.representation, measure.factor, measure.probe)
            shown = tuple(name.replace("_", " ") for name in names)
            rows.append(Row((contender.label, *shown), (Cell(interval_text(interval), interval),)))
    if not rows:
        return None
    keys = ("method", "score", "representation", "factor", "probe")
    return Document(
        name=f"{setting.slug}-own-scores",
        title=f"{setting.title}: what methods report of themselves",
        tables=(Table("", keys, (Column("value"),), tuple(rows)),),
        remarks=(REMARKS[0],),
    )


def comparison(
    measured: Measurements, setting: Setting, title: str, columns: tuple[Measured, ...]
) -> Table:
    """One row a contender, the best marked, chance below, and what is missing in notes."""
    notes: list[str] = []
    rows = []
    wanted = len(measured.seeds(setting))
    for contender in measured.contenders(setting):
        problems = measured.problems(setting, contender)
        first = len(notes)
        notes += [
            f"{contender.label}, {_which(p.seeds)}: {_why(p.status, p.reason)}" for p in problems
        ]
        missing = {seed for problem in problems for seed in problem.seeds}
        there = wanted - len(missing)
        cells = [_cell(measured, setting, contender, column) for column in columns]
        count = str(wanted) if there == wanted else f"{there}/{wanted}"
        cells = [Cell(count, Interval(there)), *cells]
        rows.append(Row((contender.label,), tuple(cells), notes=tuple(range(first, len(notes)))))
    chance = tuple(_chance_cell(measured, setting, column.quantity) for column in columns)
    rows.append(Row(("chance",), (Cell(""), *chance), apart=True))
    heads = (Column("seeds"), *(column.column for column in columns))
    return Table(title, ("method",), heads, tuple(rows), tuple(notes))


def remarks(tables: list[Table], *, several: bool) -> tuple[str, ...]:
    """The remarks that these tables need."""
    texts = [cell.text for table in tables for row in table.rows for cell in row.cells]
    below = (BELOW,) if any(DAGGER in text for text in texts) else ()
    return (*((OTHERS,) if several else ()), *REMARKS, *below)


def _representation_columns(
    measured: Measurements, setting: Setting, aspect: str
) -> tuple[Measured, ...]:
    leakage = {probe: measured.leakage(setting, aspect, probe) for probe in PROBES}
    others = Quantity(
        tuple(
            (weight, Measure("description_length", m.representation, m.factor, m.probe))
            for weight, m in leakage["linear"].terms
        )
    )
    own = Quantity.mean(
        [Measure("description_length", aspect, aspect, "linear")], lower_is_better=True
    )
    return (
        Measured(Column("linear ↑", "target accuracy"), measured.target(aspect, "linear")),
        Measured(Column("mlp ↑", "target accuracy"), measured.target(aspect, "mlp")),
        Measured(Column("linear ↓", "leakage"), leakage["linear"]),
        Measured(Column("mlp ↓", "leakage"), leakage["mlp"]),
        Measured(Column("target ↓", "MDL (bits/text)"), own),
        Measured(Column("leakage ↑", "MDL (bits/text)"), others),
        Measured(Column("average ↑", "group accuracy"), group_accuracy("average_accuracy", aspect)),
        Measured(
            Column("worst ↑", "group accuracy"), group_accuracy("worst_group_accuracy", aspect)
        ),
    )


def _cell(measured: Measurements, setting: Setting, contender: Contender, column: Measured) -> Cell:
    interval = measured.interval(setting, contender, column.quantity)
    text = interval_text(interval)
    if contender in measured.below_chance(setting, column.quantity):
        text += DAGGER
    best = contender in measured.ties(setting, column.quantity)
    return Cell(text, interval, best)


def _chance_cell(measured: Measurements, setting: Setting, quantity: Quantity) -> Cell:
    level = measured.chance(setting, quantity)
    return Cell(decimal(level), Interval(level)) if isfinite(level) else Cell(MISSING)


def _which(seeds: tuple[int, ...]) -> str:
    return f"seed{'s' if len(seeds) > 1 else ''} {', '.join(map(str, seeds))}"


def _why(status: str, reason: str) -> str:
    if status == "missing":
        return reason
    flat = " ".join(reason.split())
    return f"{status} ({flat if len(flat) <= 200 else flat[:199] + '…'})"

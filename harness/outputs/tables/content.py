"""What the tables say: who stands in which row, what is marked, and what is remarked."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from harness.analysis.measurements import Measurements, Problem
from harness.analysis.quantities import Compared, Contender, Measure, Quantity, Setting
from harness.analysis.statistics import Interval, mean_interval
from harness.outputs.tables.columns import (
    DTO,
    PROBES,
    Measured,
    mean_columns,
    representation_columns,
)
from harness.outputs.tables.layout import (
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
        "pearson",
        "spearman",
        "bracket_f1",
        "bracket_f1_bound",
        "tag_accuracy",
        "tag_accuracy_bound",
        "triplet_accuracy",
        "probe_accuracy",
        "semantic_gap",
        "syntactic_gap",
        "gap_product",
        *(metric for metric, _, _ in COSTS),
    }
)
"""Metrics that the harness measures on every method; all others are a method's own."""

REMARKS = (
    "Mean over seeds ± half of its 95% interval (Student). With one seed the interval speaks of "
    "the evaluation rows alone.",
    "Bold: not distinguishable from the best of the column at the 5% level, paired over splits "
    "and evaluation rows, Holm-corrected over methods. A single seed without an interval allows no "
    "test, and is never bold.",
)
CHANCE = "chance"
DISTANCE = (
    "DTO: distance from full target accuracy and leakage at chance, linear probe (Han et al. 2022)."
)
BOUNDS = (
    "The rows between the others and chance are upper bounds: they learned from balanced rows, and "
    "take no part in the comparison."
)
BELOW = f"{DAGGER} Significantly below chance: a fault of the measurement, so never marked as best."
OTHERS = "Leakage is the mean over the other aspects."


def main(measured: Measurements, setting: Setting) -> Document:
    """The main table of a setting: a summary, then each representation by itself."""
    aspects = measured.aspects(setting)
    tables = [comparison(measured, setting, "Summary", mean_columns(measured, setting))]
    for aspect in aspects:
        shown = representation_columns(measured, setting, aspect)
        tables.append(comparison(measured, setting, f"{aspect} representation", shown))
    return Document(
        name=setting.slug,
        title=setting.title,
        tables=tuple(tables),
        remarks=remarks(tables, several=len(aspects) > 2),
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
    rows.append(Row((CHANCE, ""), chance, apart=True))
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
    measured: Measurements, setting: Setting, title: str, shown: Sequence[Measured]
) -> Table:
    """One row a contender, the best marked, upper bounds and chance below, gaps in notes."""
    notes = _Notes()
    rows = []
    wanted = len(measured.seeds(setting))
    competitors = measured.competitors(setting)
    for contender in measured.contenders(setting):
        problems = measured.problems(setting, contender)
        there = wanted - len({seed for problem in problems for seed in problem.seeds})
        among = competitors if contender in competitors else (contender,)
        cells = [_cell(measured, setting, contender, column, among) for column in shown]
        count = str(wanted) if there == wanted else f"{there}/{wanted}"
        rows.append(
            Row(
                (contender.label,),
                (Cell(count, Interval(there)), *cells),
                notes=notes.add(contender, problems),
                apart=contender not in competitors,
            )
        )
    chance = tuple(_chance_cell(measured, setting, column.quantity) for column in shown)
    rows.append(Row((CHANCE,), (Cell(""), *chance), apart=True))
    heads = (Column("seeds"), *(column.column for column in shown))
    absent = measured.absent(setting)
    left_out = f"Not run here: {', '.join(absent)}." if absent else ""
    return Table(title, ("method",), heads, tuple(rows), notes.texts, left_out)


def remarks(tables: Sequence[Table], *, several: bool) -> tuple[str, ...]:
    """The remarks that these tables need."""
    rows = [row for table in tables for row in table.rows]
    heads = [column for table in tables for column in table.columns]
    needed = {
        OTHERS: several,
        REMARKS[0]: True,
        REMARKS[1]: True,
        DISTANCE: any(column.group == DTO for column in heads),
        BOUNDS: any(row.apart and row.keys[0] != CHANCE for row in rows),
        BELOW: any(DAGGER in cell.text for row in rows for cell in row.cells),
    }
    return tuple(remark for remark, wanted in needed.items() if wanted)


class _Notes:
    """Why seeds have no numbers; contenders of one reason share a note."""

    def __init__(self) -> None:
        self._labels: dict[str, list[str]] = {}

    @property
    def texts(self) -> tuple[str, ...]:
        """The notes, each opening with the contenders that it is about."""
        return tuple(f"{', '.join(labels)}, {why}" for why, labels in self._labels.items())

    def add(self, contender: Contender, problems: Sequence[Problem]) -> tuple[int, ...]:
        """Note the problems of a contender; gives the positions of its notes."""
        said = [f"{_which(p.seeds)}: {_why(p.status, p.reason)}" for p in problems]
        for why in said:
            self._labels.setdefault(why, []).append(contender.label)
        return tuple(list(self._labels).index(why) for why in said)


def _cell(
    measured: Measurements,
    setting: Setting,
    contender: Contender,
    column: Measured,
    among: tuple[Contender, ...],
) -> Cell:
    interval = measured.interval(setting, contender, column.quantity)
    text = interval_text(interval)
    if contender in measured.below_chance(setting, column.quantity, among):
        text += DAGGER
    # Where one stands alone, as an upper bound does, there is nothing to be best of.
    best = contender in measured.ties(setting, column.quantity, among)
    return Cell(text, interval, best)


def _chance_cell(measured: Measurements, setting: Setting, quantity: Compared) -> Cell:
    level = measured.chance(setting, quantity)
    return Cell(decimal(level), Interval(level)) if isfinite(level) else Cell(MISSING)


def _which(seeds: tuple[int, ...]) -> str:
    return f"seed{'s' if len(seeds) > 1 else ''} {', '.join(map(str, seeds))}"


def _why(status: str, reason: str) -> str:
    if status == "missing":
        return reason
    flat = " ".join(reason.split())
    return f"{status} ({flat if len(flat) <= 200 else flat[:199] + '…'})"

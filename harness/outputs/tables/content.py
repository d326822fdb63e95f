"""What the tables say: who stands in which row, what is marked, and what is remarked."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from harness.analysis.marks import below_chance, ties
from harness.analysis.metrics import Compared, Condition, MethodVariant, Metric, MetricKey
from harness.analysis.profile_scores import Problem, ProfileScores
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
"""Metrics that the harness keys on every method; all others are a method's own."""

REMARKS = (
    "Mean over seeds ± half of its 95% interval (Student). With one seed the interval speaks of "
    "the evaluation rows alone.",
    "Bold: not distinguishable from the best of the column at the 5% level, paired over seeds "
    "and evaluation rows, Holm-corrected over methods. One seed decides nothing and is never bold.",
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


def main(measured: ProfileScores, condition: Condition) -> Document:
    """The main table of a condition: a summary, then each representation by itself."""
    aspects = measured.aspects(condition)
    tables = [comparison(measured, condition, "Summary", mean_columns(measured, condition))]
    for aspect in aspects:
        shown = representation_columns(measured, condition, aspect)
        tables.append(comparison(measured, condition, f"{aspect} representation", shown))
    return Document(
        name=condition.slug,
        title=condition.title,
        tables=tuple(tables),
        remarks=remarks(tables, several=len(aspects) > 2),
    )


def matrix(measured: ProfileScores, condition: Condition) -> Document:
    """For each method the accuracy of every factor on every representation, K x K."""
    aspects = measured.aspects(condition)
    columns = tuple(Column(factor, f"{probe} probe") for probe in PROBES for factor in aspects)
    rows = []
    for method_variant in measured.method_variants(condition):
        for aspect in aspects:
            cells = []
            for probe in PROBES:
                for factor in aspects:
                    name = "target_accuracy" if factor == aspect else "leakage"
                    metric = Metric.mean([MetricKey(name, aspect, factor, probe)])
                    interval = measured.interval(condition, method_variant, metric)
                    cells.append(Cell(interval_text(interval), interval))
            rows.append(Row((method_variant.label, aspect), tuple(cells)))
    chance = tuple(
        _chance_cell(measured, condition, Metric.mean([MetricKey("leakage", "", factor, probe)]))
        for probe in PROBES
        for factor in aspects
    )
    rows.append(Row((CHANCE, ""), chance, apart=True))
    table = Table("", ("method", "representation"), columns, tuple(rows))
    remark = "Diagonal: target accuracy. Elsewhere: leakage of the column's factor."
    return Document(
        name=f"{condition.slug}-leakage-matrix",
        title=f"{condition.title}: accuracy of every factor on every representation",
        tables=(table,),
        remarks=(remark, REMARKS[0]),
    )


def costs(measured: ProfileScores, condition: Condition) -> Document:
    """Seconds, speed, memory and sizes; means over seeds."""
    rows = []
    for method_variant in measured.method_variants(condition):
        cells = []
        for metric, _, unit in COSTS:
            seeds = measured.by_seed(condition, method_variant, Metric.mean([MetricKey(metric)]))
            interval = mean_interval(list(seeds.values())) if seeds else None
            text = quantity_text(interval.mean, unit) if interval else MISSING
            cells.append(Cell(text, interval))
        rows.append(Row((method_variant.label,), tuple(cells)))
    columns = tuple(Column(head) for _, head, _ in COSTS)
    return Document(
        name=f"{condition.slug}-cost",
        title=f"{condition.title}: cost",
        tables=(Table("", ("method",), columns, tuple(rows)),),
        remarks=(
            "Means over seeds; times and memory are those of the machine named in the records.",
        ),
    )


def own_scores(measured: ProfileScores, condition: Condition) -> Document | None:
    """What methods measured on themselves; None where none did."""
    rows = []
    for method_variant in measured.method_variants(condition):
        for key in measured.metric_keys(condition, method_variant):
            if key.metric in COMMON:
                continue
            interval = measured.interval(condition, method_variant, Metric.mean([key]))
            names = (key.metric, key.representation, key.factor, key.probe)
            shown = tuple(name.replace("_", " ") for name in names)
            rows.append(
                Row((method_variant.label, *shown), (Cell(interval_text(interval), interval),))
            )
    if not rows:
        return None
    keys = ("method", "score", "representation", "factor", "probe")
    return Document(
        name=f"{condition.slug}-own-scores",
        title=f"{condition.title}: what methods report of themselves",
        tables=(Table("", keys, (Column("value"),), tuple(rows)),),
        remarks=(REMARKS[0],),
    )


def comparison(
    measured: ProfileScores, condition: Condition, title: str, shown: Sequence[Measured]
) -> Table:
    """One row a method, the best marked, upper bounds and chance below, gaps in notes."""
    notes = _Notes()
    rows = []
    wanted = len(measured.seeds(condition))
    competitors = measured.competitors(condition)
    for method_variant in measured.method_variants(condition):
        problems = measured.problems(condition, method_variant)
        there = wanted - len({seed for problem in problems for seed in problem.seeds})
        among = competitors if method_variant in competitors else (method_variant,)
        cells = [_cell(measured, condition, method_variant, column, among) for column in shown]
        count = str(wanted) if there == wanted else f"{there}/{wanted}"
        rows.append(
            Row(
                (method_variant.label,),
                (Cell(count, Interval(there)), *cells),
                notes=notes.add(method_variant, problems),
                apart=method_variant not in competitors,
            )
        )
    chance = tuple(_chance_cell(measured, condition, column.metric) for column in shown)
    rows.append(Row((CHANCE,), (Cell(""), *chance), apart=True))
    heads = (Column("seeds"), *(column.column for column in shown))
    absent = measured.absent(condition)
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
    """Why seeds have no numbers; methods of one reason share a note."""

    def __init__(self) -> None:
        self._labels: dict[str, list[str]] = {}

    @property
    def texts(self) -> tuple[str, ...]:
        """The notes, each opening with the methods that it is about."""
        return tuple(f"{', '.join(labels)}, {why}" for why, labels in self._labels.items())

    def add(self, method_variant: MethodVariant, problems: Sequence[Problem]) -> tuple[int, ...]:
        """Note the problems of a method; gives the positions of its notes."""
        said = [f"{_which(p.seeds)}: {_why(p.status, p.reason)}" for p in problems]
        for why in said:
            self._labels.setdefault(why, []).append(method_variant.label)
        return tuple(list(self._labels).index(why) for why in said)


def _cell(
    measured: ProfileScores,
    condition: Condition,
    method_variant: MethodVariant,
    column: Measured,
    among: tuple[MethodVariant, ...],
) -> Cell:
    interval = measured.interval(condition, method_variant, column.metric)
    text = interval_text(interval)
    if method_variant in below_chance(measured, condition, column.metric, among):
        text += DAGGER
    # Where one stands alone, as an upper bound does, there is nothing to be best of.
    best = method_variant in ties(measured, condition, column.metric, among)
    return Cell(text, interval, best)


def _chance_cell(measured: ProfileScores, condition: Condition, metric: Compared) -> Cell:
    level = measured.chance(condition, metric)
    return Cell(decimal(level), Interval(level)) if isfinite(level) else Cell(MISSING)


def _which(seeds: tuple[int, ...]) -> str:
    return f"seed{'s' if len(seeds) > 1 else ''} {', '.join(map(str, seeds))}"


def _why(status: str, reason: str) -> str:
    if status == "missing":
        return reason
    flat = " ".join(reason.split())
    return f"{status} ({flat if len(flat) <= 200 else flat[:199] + '…'})"

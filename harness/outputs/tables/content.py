"""What the tables say: who stands in which row, what is marked, and what is remarked."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import isfinite

from harness.analysis.collapse import collapsed
from harness.analysis.condition_scores import REFERENCE, ConditionScores, Problem
from harness.analysis.definitions import DEFINITIONS
from harness.analysis.marks import below_chance, ties
from harness.analysis.metrics import MethodVariant, Metric, MetricKey
from harness.analysis.pareto import undominated
from harness.analysis.statistics import Interval
from harness.outputs.remarks import sentences
from harness.outputs.tables import columns
from harness.outputs.tables.cells import (
    DAGGER,
    DOUBLE_DAGGER,
    MISSING,
    counted,
    interval_cell,
    interval_text,
    number_cell,
    quantity_text,
)
from harness.outputs.tables.columns import PROBES, STRONGEST, Measured
from harness.outputs.tables.layout import Cell, Column, Document, Row, Table

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
        *DEFINITIONS,
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
        *("b_cubed_f1", "b_cubed_precision", "b_cubed_recall", "adjusted_rand", "clusters_used"),
        *("v_measure", "homogeneity", "completeness"),
    }
)
"""Metrics that the harness keys on every method; all others are a method's own."""

SAID = sentences("aspects")
REMARKS = (SAID["seeds"], SAID["bold"])
SIGNS = {sign: f"{sign} {said}" for sign, said in sentences("signs").items()}
"""What the signs in cells mean."""

CHANCE = "chance"
COMPANION = "Areas along dials, and minimal pairs"
FRONT = "Pareto front of linear target accuracy, linear leakage and neighbours kept, by means"


def main(scores: ConditionScores) -> Document:
    """The main table of a condition: a summary, the rest, then each representation by itself."""
    aspects = scores.aspects
    tables = [summary(scores, "Summary")]
    tables += further(scores)
    for aspect in aspects:
        shown = columns.representation_columns(scores, aspect)
        tables.append(comparison(scores, f"{aspect} representation", shown))
    return Document(
        name=scores.condition.slug,
        title=scores.condition.title,
        tables=tuple(tables),
        remarks=(*remarks(tables, several=len(aspects) > 2), *mixture(scores)),
    )


def summary(scores: ConditionScores, title: str) -> Table:
    """The table that says most, and who is on the Pareto front."""
    table = comparison(scores, title, columns.summary_columns(scores))
    target, leakage = (mean("linear") for mean in (scores.mean_target, scores.mean_leakage))
    kept = scores.mean_kept("neighbours_kept")
    best = undominated(scores, leakage, target, kept)
    front = f"{FRONT}: {', '.join(each.label for each in best)}." if best else ""
    return replace(table, left_out=" ".join(filter(None, (front, table.left_out))))


def further(scores: ConditionScores) -> Iterator[Table]:
    """What the summary leaves out, as means over the representations."""
    for title, shown in (
        ("Further probes", columns.probe_columns(scores)),
        ("Details and other factors", columns.detail_columns(scores)),
        (COMPANION, (*columns.area_columns(scores), *columns.pair_columns(scores))),
    ):
        if shown:
            yield comparison(scores, title, shown)


def matrix(scores: ConditionScores) -> Document:
    """For each method the accuracy of every factor on every representation, K x K."""
    aspects = scores.aspects
    pairs = [(factor, probe) for probe in PROBES for factor in aspects]
    heads = tuple(Column(factor, f"{probe} probe") for factor, probe in pairs)
    rows = []
    for each in scores.method_variants:
        for aspect in aspects:
            found = [
                MetricKey("target_accuracy" if of == aspect else "leakage", aspect, of, probe)
                for of, probe in pairs
            ]
            intervals = (scores.interval(each, Metric.mean([key])) for key in found)
            rows.append(method_row(scores, each, map(interval_cell, intervals), aspect))
    guessed = (Metric.mean([MetricKey("leakage", "", *pair)]) for pair in pairs)
    chance = tuple(number_cell(scores.chance(metric)) for metric in guessed)
    rows.append(Row((CHANCE, ""), chance, apart=True))
    table = Table("", ("method", "representation"), heads, tuple(rows))
    remark = "Diagonal: target accuracy. Elsewhere: leakage of the column's factor."
    title = "accuracy of every factor on every representation"
    return document(scores, "leakage-matrix", title, table, remark, REMARKS[0])


def costs(scores: ConditionScores) -> Document:
    """Seconds, speed, memory and sizes; means over seeds."""
    everyone = scores.method_variants
    rows = tuple(method_row(scores, each, cost_cells(scores, each)) for each in everyone)
    table = Table("", ("method",), tuple(Column(head) for _, head, _ in COSTS), rows)
    remark = "Means over seeds; times and memory are those of the machine named in the records."
    return document(scores, "cost", "cost", table, remark)


def cost_cells(scores: ConditionScores, method_variant: MethodVariant) -> tuple[Cell, ...]:
    """What a method costs: a cell for each of `COSTS`, means over seeds."""
    cells = []
    for metric, _, unit in COSTS:
        interval = scores.interval(method_variant, Metric.mean([MetricKey(metric)]))
        cells.append(Cell(quantity_text(interval.mean, unit) if interval else MISSING, interval))
    return tuple(cells)


def own_scores(scores: ConditionScores) -> Document | None:
    """What methods measured on themselves; None where none did."""
    rows = [
        method_row(scores, each, [interval_cell(interval)], *parts)
        for each in scores.method_variants
        for parts, interval in own_metrics(scores, each)
    ]
    if not rows:
        return None
    keys = ("method", "score", "representation", "factor", "probe")
    table = Table("", keys, (Column("value"),), tuple(rows))
    return document(scores, "own-scores", "what methods report of themselves", table, REMARKS[0])


def own_metrics(
    scores: ConditionScores, method_variant: MethodVariant
) -> Iterator[tuple[tuple[str, ...], Interval | None]]:
    """What a method measured on itself: score, representation, factor and probe, and the value."""
    for key in scores.metric_keys(method_variant):
        if key.metric not in COMMON:
            parts = tuple(part.replace("_", " ") for part in key)
            yield parts, scores.interval(method_variant, Metric.mean([key]))


def document(
    scores: ConditionScores, name: str, title: str, table: Table, *remarks: str
) -> Document:
    """One table of a condition, named and titled after it."""
    condition = scores.condition
    return Document(f"{condition.slug}-{name}", f"{condition.title}: {title}", (table,), remarks)


def method_row(
    scores: ConditionScores, each: MethodVariant, cells: Iterable[Cell], *keys: str
) -> Row:
    """A method's row, set off where it takes no part in comparisons."""
    apart = each.method in scores.apart
    return Row((each.label, *keys), tuple(cells), apart=apart, of=each)


def comparison(scores: ConditionScores, title: str, shown: Sequence[Measured]) -> Table:
    """One row a method, the best marked, controls, upper bounds and chance below, gaps in notes.

    Chance is left out where it is known in no column.
    """
    # Why seeds have no numbers, and the methods that share the reason.
    notes: dict[str, list[str]] = {}
    rows = []
    competitors = scores.competitors
    for method_variant in scores.method_variants:
        problems = scores.problems(method_variant)
        lacking = {seed for problem in problems for seed in problem.seeds}
        there = scores.scored_seeds(method_variant)
        # A control or an upper bound stands alone: there is nothing to be best of.
        among = competitors if method_variant in competitors else (method_variant,)
        cells = [entry(scores, method_variant, each, among) for each in shown]
        said = [_said(problem) for problem in problems]
        for why in said:
            notes.setdefault(why, []).append(method_variant.label)
        rows.append(
            Row(
                (method_variant.label,),
                (counted(len(there), len(there | lacking)), *cells),
                notes=tuple(list(notes).index(why) for why in said),
                apart=method_variant not in competitors,
                of=method_variant,
            )
        )
    known = [scores.chance(column.metric) for column in shown]
    if any(map(isfinite, known)):
        chance = (number_cell(value, c.digits) for value, c in zip(known, shown, strict=True))
        rows.append(Row((CHANCE,), (Cell(""), *chance), apart=True))
    heads = (Column("seeds"), *(column.column for column in shown))
    absent = scores.absent
    left_out = f"Not run here: {', '.join(absent)}." if absent else ""
    texts = tuple(f"{', '.join(labels)}, {why}" for why, labels in notes.items())
    return Table(title, ("method",), heads, tuple(rows), texts, left_out)


def entry(
    scores: ConditionScores,
    method_variant: MethodVariant,
    column: Measured,
    among: tuple[MethodVariant, ...],
) -> Cell:
    """A method's cell in a column, marked as it compares with the others `among` whom it stands."""
    metric = column.metric
    if column.beside_reference:
        among = tuple(each for each in among if each.method != REFERENCE)
    interval = scores.interval(method_variant, metric)
    text = interval_text(interval, column.digits)
    if method_variant in below_chance(scores, metric, among):
        text += DAGGER
    if collapsed(scores, method_variant, metric):
        text += DOUBLE_DAGGER
    best = column.ranked and bool(among) and method_variant in ties(scores, metric, among)
    return Cell(text, interval, best)


def mixture(scores: ConditionScores) -> tuple[str, ...]:
    """The remark that trials of different precision stand together, where they do."""
    if len(scores.precisions) < 2:
        return ()
    found = ", ".join(f"{name} ({count})" for name, count in scores.precisions.items())
    return (sentences("mixture")["precisions"].format(found=found),)


def remarks(tables: Sequence[Table], *, several: bool) -> tuple[str, ...]:
    """The remarks that these tables need."""
    rows = [row for table in tables for row in table.rows]
    heads = [column for table in tables for column in table.columns]
    needed = {"seeds", "bold", *(columns.SAID.get(column.group, "") for column in heads)}
    if several:
        needed.add("others")
    if any(column.name.startswith(STRONGEST) for column in heads):
        needed.add("families")
    if any(row.apart and row.keys[0] != CHANCE for row in rows):
        needed.add("bounds")
    return (*(said for name, said in SAID.items() if name in needed), *signs(tables))


def signs(tables: Sequence[Table]) -> tuple[str, ...]:
    """What the signs in the cells of these tables mean."""
    texts = [cell.text for table in tables for row in table.rows for cell in row.cells]
    return tuple(said for sign, said in SIGNS.items() if any(sign in text for text in texts))


def failures(name: str, problems: Sequence[Problem], notes: list[str]) -> tuple[int, ...]:
    """Append what failed or was skipped to the notes; gives the positions of the new ones."""
    failed = [problem for problem in problems if problem.status != "missing"]
    notes += [f"{name}: {each.status} ({' '.join(each.reason.split())})" for each in failed]
    return tuple(range(len(notes) - len(failed), len(notes)))


def _said(problem: Problem) -> str:
    seeds = f"seed{'s' if len(problem.seeds) > 1 else ''} {', '.join(map(str, problem.seeds))}"
    if problem.status == "missing":
        return f"{seeds}: {problem.reason}"
    flat = " ".join(problem.reason.split())
    return f"{seeds}: {problem.status} ({flat if len(flat) <= 200 else flat[:199] + '…'})"

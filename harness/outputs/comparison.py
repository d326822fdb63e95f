"""Two methods, or two folders of results, against each other: is one of them better?"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import isfinite

from data.errors import UnknownNameError, UserError, listed, near
from harness.analysis.collapse import collapsed
from harness.analysis.definitions import DEFINITIONS
from harness.analysis.evidence.effects import LEVEL, Effect
from harness.analysis.evidence.pairing import Side, paired
from harness.analysis.metrics import MethodVariant, Metric
from harness.analysis.profile_scores import ProfileScores
from harness.analysis.statistics import Interval, holm_of, mean_interval
from harness.outputs.remarks import every
from harness.outputs.tables.cells import DOUBLE_DAGGER, MISSING, counted, decimal, interval_cell
from harness.outputs.tables.columns import (
    Measured,
    area_columns,
    detail_columns,
    pair_columns,
    summary_columns,
)
from harness.outputs.tables.content import signs
from harness.outputs.tables.layout import Cell, Column, Document, Row, Table

BESIDE = ("_bound", "_ceiling", "_permuted", "_untrained", "_above_floors")
"""How metrics end that say what another one could be, or follow from it."""

Difference = tuple[Measured, Cell, Cell, Effect]
"""One line: a column, the means of both over the seeds that both have, and the effect: second less
first."""


def methods(measured: ProfileScores, first: str, second: str) -> Document:
    """Two methods of one profile, each `method` or `method:variant`, in every task that both have.

    UserError where one of them was not measured, or they share no task and seed.
    """
    check_names(measured, [first, second])
    one, other = map(MethodVariant.named, (first, second))
    pairs = [
        (scores.condition.title, Side(scores, one), Side(scores, other))
        for scores in map(measured.at, measured.conditions)
    ]
    refusal = f"{first} and {second} share no task and seed; run both with --seeds 3"
    return _document(pairs, (first, second), refusal)


def check_names(measured: ProfileScores, names: Sequence[str]) -> None:
    """Refuse names of methods and variants that were not measured with a UserError."""
    known = {each for found in measured.values.values() for each in found}
    for method, variant in map(MethodVariant.named, names):
        if method not in (there := sorted({each.method for each in known})):
            raise UserError(
                f"{method!r} has no trial in these results; {near(method, there)}there are: "
                f"{listed(there)}; run it, or name another --profile"
            )
        if (method, variant) not in known:
            variants = [each.variant for each in known if each.method == method]
            raise UnknownNameError(f"variant of {method}", variant, variants)


def folders(first: ProfileScores, second: ProfileScores, names: tuple[str, str]) -> Document:
    """Two folders of results, method by method, where both have a trial; UserError without any."""
    pairs = [
        (
            f"{condition.title}: {each.label}",
            Side(first.at(condition), each),
            Side(second.at(condition), each),
        )
        for condition in sorted(set(first.values) & set(second.values))
        for each in sorted(set(first.values[condition]) & set(second.values[condition]))
    ]
    refusal = f"{names[0]} and {names[1]} share no trial: nothing can be compared"
    return _document(pairs, names, refusal)


def _document(
    pairs: Sequence[tuple[str, Side, Side]], names: tuple[str, str], refusal: str
) -> Document:
    """A table for each pair that has something in common, under its title."""
    found = ((title, list(_lines(one, other))) for title, one, other in pairs)
    tables = tuple(_table(title, lines, names) for title, lines in found if lines)
    if not tables:
        raise UserError(refusal)
    remarks = (*every("compare"), *signs(tables))
    return Document("compare", f"{names[1]} against {names[0]}", tables, remarks)


def _lines(first: Side, second: Side) -> Iterator[Difference]:
    for column in _quantities(first, second):
        effect = paired(column.metric, second, first)
        if effect is None:
            continue
        ours, theirs = (_mean(column, side, effect.seeds) for side in (first, second))
        yield column, ours, theirs, effect


def _mean(column: Measured, side: Side, seeds: Sequence[int]) -> Cell:
    values = side.by_seed(column.metric)
    cell = interval_cell(mean_interval([values[seed] for seed in seeds]), digits=column.digits)
    sign = DOUBLE_DAGGER if collapsed(side.scores, side.method_variant, column.metric) else ""
    return replace(cell, text=cell.text + sign)


def _quantities(first: Side, second: Side) -> Iterator[Measured]:
    """The columns of the summary; without aspects every metric that both have, costs apart.

    Bounds and floors are the same for all methods, or stand beside what they bound.
    """
    if first.scores.aspects:
        yield from summary_columns(first.scores)
        yield from detail_columns(first.scores)
        yield from area_columns(first.scores)
        yield from pair_columns(first.scores)
        return
    shared = set(first.scores.metric_keys(first.method_variant))
    shared &= set(second.scores.metric_keys(second.method_variant))
    for key in sorted(shared):
        if key.metric not in DEFINITIONS and not key.metric.endswith(BESIDE):
            name = ", ".join(filter(None, (key.metric.replace("_", " "), *key[1:])))
            yield Measured(Column(name), Metric.mean([key]))


def _table(title: str, lines: list[Difference], names: tuple[str, str]) -> Table:
    adjusted = holm_of({i: effect.p_value for i, (*_, effect) in enumerate(lines)})
    rows = []
    for i, (column, first, second, effect) in enumerate(lines):
        what, digits = column.column.full_name, column.digits
        better = names[(effect.mean < 0) == column.metric.lower_is_better]
        detectable = effect.detectable(len(adjusted))
        cells = (
            *(first, second, interval_cell(effect.interval, digits=digits)),
            counted(len(effect.seeds)),
            Cell(f"{effect.rows:,}" if effect.rows else MISSING, Interval(effect.rows)),
            Cell(decimal(detectable, digits) if isfinite(detectable) else MISSING),
            # Metrics without aspects have no column that says which direction is the better one.
            _answer(effect, adjusted.get(i), better if what.endswith(("↑", "↓")) else "different"),
        )
        rows.append(Row((what,), cells))
    heads = (*names, "difference", "seeds", "rows", "detectable", "better")
    return Table(title, ("",), tuple(map(Column, heads)), tuple(rows))


def _answer(effect: Effect, p: float | None, better: str) -> Cell:
    if p is None:
        return Cell("ceiling" if effect.ceiling else "one seed")
    return Cell("not told apart") if p >= LEVEL else Cell(better, best=True)

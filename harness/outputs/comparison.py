"""Two methods, or two folders of results, against each other: is one of them better?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite

from data.errors import UnknownNameError, UserError
from harness.analysis.evidence.effects import LEVEL, Effect
from harness.analysis.evidence.pairing import Side, paired
from harness.analysis.metrics import Compared, Condition, MethodVariant, Metric, MetricKey
from harness.analysis.profile_scores import ProfileScores
from harness.analysis.statistics import Interval, holm, mean_interval
from harness.outputs.tables.columns import summary_columns
from harness.outputs.tables.content import COMMON
from harness.outputs.tables.layout import (
    MISSING,
    Cell,
    Column,
    Document,
    Row,
    Table,
    decimal,
    interval_text,
)

REMARKS = (
    "Means are over the seeds that both have; the difference is second less first, paired over "
    "seeds and evaluation rows, with its 95% interval (Student's, clustered by seed and group).",
    "Better: significant at the 5% level, Holm-corrected over the lines of a table. One seed "
    "decides nothing: its interval is that of the rows alone. At a ceiling nothing varies over "
    "the seeds, so nothing is decided either.",
    "Detectable: the difference that four of five such comparisons would have found, after the "
    "correction.",
)


@dataclass(frozen=True)
class Difference:
    """One line: a metric of one method, or of two.

    Attributes
    ----------
    what : the metric, as a column of the tables names it.
    lower_is_better : of the metric.
    first, second : means over the seeds that both have.
    effect : second less first.
    """

    what: str
    lower_is_better: bool
    first: Interval
    second: Interval
    effect: Effect


def methods(measured: ProfileScores, first: str, second: str) -> Document:
    """Two methods of one profile, in every task that both were measured on.

    Parameters
    ----------
    first, second : each `method` or `method:variant`.

    Raises
    ------
    UserError : one of them was not measured, or they share no task and seed.
    """
    known = {c: _spelled(c) for s in measured.conditions for c in measured.values.get(s, {})}
    for name in (first, second):
        if MethodVariant.named(name) not in known:
            raise UnknownNameError("method", name, known.values())
    sides = Side(measured, MethodVariant.named(first)), Side(measured, MethodVariant.named(second))
    tables = []
    for condition in measured.conditions:
        lines = list(_lines(condition, *sides))
        if lines:
            tables.append(_table(condition.title, lines, (first, second)))
    if not tables:
        raise UserError(f"{first} and {second} share no task and seed; run both with --seeds 3")
    return Document("compare", f"{second} against {first}", tuple(tables), REMARKS)


def folders(first: ProfileScores, second: ProfileScores, names: tuple[str, str]) -> Document:
    """Two folders of results, method by method, wherever both have the same trial.

    Raises
    ------
    UserError : they share none.
    """
    tables = []
    for condition in sorted(set(first.values) & set(second.values)):
        for method_variant in sorted(set(first.values[condition]) & set(second.values[condition])):
            lines = list(
                _lines(condition, Side(first, method_variant), Side(second, method_variant))
            )
            if lines:
                tables.append(_table(f"{condition.title}: {method_variant.label}", lines, names))
    if not tables:
        raise UserError(f"{names[0]} and {names[1]} share no trial: nothing can be compared")
    return Document("compare", f"{names[1]} against {names[0]}", tuple(tables), REMARKS)


def _lines(condition: Condition, first: Side, second: Side) -> Iterator[Difference]:
    for what, metric in _quantities(condition, first, second):
        effect = paired(condition, metric, second, first)
        if effect is None:
            continue
        ours, theirs = (
            [side.measured.by_seed(condition, side.method_variant, metric)[s] for s in effect.seeds]
            for side in (first, second)
        )
        yield Difference(
            what,
            metric.lower_is_better,
            mean_interval(ours),
            mean_interval(theirs),
            effect,
        )


def _quantities(condition: Condition, first: Side, second: Side) -> Iterator[tuple[str, Compared]]:
    """The columns of the summary, or every metric that both have where there are no aspects."""
    measured = first.measured
    if measured.aspects(condition):
        for column in summary_columns(measured, condition):
            yield column.column.full_name, column.metric
        return
    shared = set(measured.metric_keys(condition, first.method_variant))
    shared &= set(second.measured.metric_keys(condition, second.method_variant))
    for key in sorted(shared):
        if key.metric not in COMMON:
            yield _name(key), Metric.mean([key])


def _name(key: MetricKey) -> str:
    parts = (
        key.metric.replace("_", " "),
        key.representation,
        key.factor,
        key.probe,
    )
    return ", ".join(part for part in parts if part)


def _table(title: str, lines: list[Difference], names: tuple[str, str]) -> Table:
    p_values = {i: line.effect.p_value for i, line in enumerate(lines)}
    tested = {i: p for i, p in p_values.items() if isfinite(p)}
    adjusted = dict(zip(tested, holm(list(tested.values())), strict=True))
    rows = []
    for i, line in enumerate(lines):
        effect = line.effect
        seeds = len(effect.seeds)
        detectable = effect.detectable(len(tested))
        cells = (
            Cell(interval_text(line.first), line.first),
            Cell(interval_text(line.second), line.second),
            Cell(interval_text(effect.interval), effect.interval),
            Cell(str(seeds), Interval(seeds)),
            Cell(f"{effect.rows:,}" if effect.rows else MISSING, Interval(effect.rows)),
            Cell(decimal(detectable) if isfinite(detectable) else MISSING),
            _answer(line, adjusted.get(i), names),
        )
        rows.append(Row((line.what,), cells))
    heads = (names[0], names[1], "difference", "seeds", "rows", "detectable", "better")
    return Table(title, ("",), tuple(map(Column, heads)), tuple(rows))


def _answer(line: Difference, p: float | None, names: tuple[str, str]) -> Cell:
    if p is None:
        return Cell("ceiling" if line.effect.ceiling else "one seed")
    if p >= LEVEL:
        return Cell("not told apart")
    # Metrics without aspects have no column that says which direction is the better one.
    if not line.what.endswith(("↑", "↓")):
        return Cell("different", best=True)
    second_wins = (line.effect.mean < 0) == line.lower_is_better
    return Cell(names[1] if second_wins else names[0], best=True)


def _spelled(method_variant: MethodVariant) -> str:
    variant = "" if method_variant.variant == "default" else f":{method_variant.variant}"
    return f"{method_variant.method}{variant}"

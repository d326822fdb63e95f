"""Two methods, or two folders of results, against each other: is one of them better?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite

from data.errors import UnknownNameError, UserError
from harness.analysis.evidence.effects import Effect, pooled
from harness.analysis.evidence.pairing import Side, sample
from harness.analysis.measurements import LEVEL, Measurements
from harness.analysis.quantities import Compared, Contender, Measure, Quantity, Setting
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
    "seeds and evaluation rows, with its 95% interval (Student).",
    "Better: significant at the 5% level, Holm-corrected over the lines of a table. One seed "
    "decides nothing: its interval is that of the rows alone.",
    "Detectable: the difference that four of five such comparisons would have found.",
)


@dataclass(frozen=True)
class Difference:
    """One line: a quantity of one contender, or of two.

    Attributes
    ----------
    what : the quantity, as a column of the tables names it.
    lower_is_better : of the quantity.
    first, second : means over the seeds that both have.
    effect : second less first.
    """

    what: str
    lower_is_better: bool
    first: Interval
    second: Interval
    effect: Effect


def methods(measured: Measurements, first: str, second: str) -> Document:
    """Two methods of one profile, in every task that both were measured on.

    Parameters
    ----------
    first, second : each `method` or `method:variant`.

    Raises
    ------
    UserError : one of them was not measured, or they share no task and seed.
    """
    known = {c: _spelled(c) for s in measured.settings for c in measured.values.get(s, {})}
    for name in (first, second):
        if Contender.named(name) not in known:
            raise UnknownNameError("method", name, known.values())
    sides = Side(measured, Contender.named(first)), Side(measured, Contender.named(second))
    tables = []
    for setting in measured.settings:
        lines = list(_lines(setting, *sides))
        if lines:
            tables.append(_table(setting.title, lines, (first, second)))
    if not tables:
        raise UserError(f"{first} and {second} share no task and seed; run both with --seeds 3")
    return Document("compare", f"{second} against {first}", tuple(tables), REMARKS)


def folders(first: Measurements, second: Measurements, names: tuple[str, str]) -> Document:
    """Two folders of results, contender by contender, wherever both have the same trial.

    Raises
    ------
    UserError : they share none.
    """
    tables = []
    for setting in sorted(set(first.values) & set(second.values)):
        for contender in sorted(set(first.values[setting]) & set(second.values[setting])):
            lines = list(_lines(setting, Side(first, contender), Side(second, contender)))
            if lines:
                tables.append(_table(f"{setting.title}: {contender.label}", lines, names))
    if not tables:
        raise UserError(f"{names[0]} and {names[1]} share no trial: nothing can be compared")
    return Document("compare", f"{names[1]} against {names[0]}", tuple(tables), REMARKS)


def _lines(setting: Setting, first: Side, second: Side) -> Iterator[Difference]:
    for what, quantity in _quantities(setting, first, second):
        paired = sample(setting, quantity, second, first)
        if paired is None:
            continue
        ours, theirs = (
            [side.measured.by_seed(setting, side.contender, quantity)[s] for s in paired.seeds]
            for side in (first, second)
        )
        yield Difference(
            what,
            quantity.lower_is_better,
            mean_interval(ours),
            mean_interval(theirs),
            pooled([paired]),
        )


def _quantities(setting: Setting, first: Side, second: Side) -> Iterator[tuple[str, Compared]]:
    """The columns of the summary, or every metric that both have where there are no aspects."""
    measured = first.measured
    if measured.aspects(setting):
        for column in summary_columns(measured, setting):
            yield column.column.full_name, column.quantity
        return
    shared = set(measured.measures(setting, first.contender))
    shared &= set(second.measured.measures(setting, second.contender))
    for measure in sorted(shared):
        if measure.metric not in COMMON:
            yield _name(measure), Quantity.mean([measure])


def _name(measure: Measure) -> str:
    parts = (
        measure.metric.replace("_", " "),
        measure.representation,
        measure.factor,
        measure.probe,
    )
    return ", ".join(part for part in parts if part)


def _table(title: str, lines: list[Difference], names: tuple[str, str]) -> Table:
    p_values = [2 * min(d.effect.p_above(0.0), d.effect.p_below(0.0)) for d in lines]
    tested = [i for i, p in enumerate(p_values) if isfinite(p)]
    adjusted = dict(zip(tested, holm([min(p_values[i], 1.0) for i in tested]), strict=True))
    rows = []
    for i, line in enumerate(lines):
        effect = line.effect
        seeds = sum(len(s.values) for s in effect.samples)
        cells = (
            Cell(interval_text(line.first), line.first),
            Cell(interval_text(line.second), line.second),
            Cell(interval_text(effect.interval), effect.interval),
            Cell(str(seeds), Interval(seeds)),
            Cell(f"{effect.rows:,}" if effect.rows else MISSING, Interval(effect.rows)),
            Cell(decimal(effect.detectable) if isfinite(effect.detectable) else MISSING),
            _answer(line, adjusted.get(i), names),
        )
        rows.append(Row((line.what,), cells))
    heads = (names[0], names[1], "difference", "seeds", "rows", "detectable", "better")
    return Table(title, ("",), tuple(map(Column, heads)), tuple(rows))


def _answer(line: Difference, p: float | None, names: tuple[str, str]) -> Cell:
    if p is None:
        return Cell("one seed")
    if p >= LEVEL:
        return Cell("not told apart")
    # Metrics without aspects have no column that says which direction is the better one.
    if not line.what.endswith(("↑", "↓")):
        return Cell("different", best=True)
    second_wins = (line.effect.mean < 0) == line.lower_is_better
    return Cell(names[1] if second_wins else names[0], best=True)


def _spelled(contender: Contender) -> str:
    variant = "" if contender.variant == "default" else f":{contender.variant}"
    return f"{contender.method}{variant}"

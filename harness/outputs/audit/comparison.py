"""Two audits against each other: from which vectors more can be read, and which keep more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import hypot, nan

from scipy.special import ndtr

from data.errors import UserError
from harness.analysis.evidence.effects import LEVEL
from harness.analysis.statistics import Interval, holm_of
from harness.evaluation.probes import STRONGEST
from harness.outputs.audit.result import Audit, Representation
from harness.outputs.remarks import every
from harness.outputs.tables.cells import MISSING, interval_cell, number_cell, signed_text
from harness.outputs.tables.layout import Cell, Column, Document, Row, Table

HEADS = ("difference", "told apart")

Z = 1.959964
"""Half-widths of 95% intervals are so many standard errors."""


@dataclass(frozen=True)
class _Line:
    """One number of both."""

    keys: tuple[str, ...]
    first: Interval
    second: Interval

    @property
    def difference(self) -> Interval:
        """Second less first."""
        mean = self.second.mean - self.first.mean
        if not (self.first.known and self.second.known):
            return Interval(mean)
        reach = hypot(self.first.half_width, self.second.half_width)
        return Interval(mean, mean - reach, mean + reach)

    @property
    def p_value(self) -> float:
        """Two-sided p-value that there is no difference; nan without intervals."""
        found = self.difference
        if not found.known or not found.half_width:
            return nan
        return 2 * float(ndtr(-abs(found.mean) * Z / found.half_width))


def compared(first: Audit, second: Audit, names: tuple[str, str]) -> Document:
    """What both have measured, line by line; `names` of the two head the columns.

    UserError where they share no representation and aspect, or an aspect has other classes.
    """
    for aspect in first.classes.keys() & second.classes.keys():
        if first.classes[aspect] != second.classes[aspect]:
            raise UserError(
                f"{aspect!r} has the classes {', '.join(first.classes[aspect])} in {names[0]} and "
                f"{', '.join(second.classes[aspect])} in {names[1]}; audit the same labels"
            )
    tables = [
        _table("What is read", ("vectors", "aspect", "probe"), list(_read(first, second)), names),
        _table("What is kept", ("vectors", "measure"), list(_kept(first, second)), names),
    ]
    if not tables[0].rows:
        raise UserError(
            f"{names[0]} and {names[1]} share no vectors and aspect; both must have one file of "
            "vectors, or one for each of the same aspects"
        )
    shown = tuple(table for table in tables if table.rows)
    return Document("compare", f"{names[1]} against {names[0]}", shown, every("audits"))


def _read(first: Audit, second: Audit) -> Iterator[_Line]:
    there = {(r.representation, r.aspect, r.probe): r for r in second.readings}
    for one in first.readings:
        keys = (one.representation, one.aspect, one.probe)
        if other := there.get(keys):
            yield _Line(keys, one.accuracy, other.accuracy)
            if one.probe == STRONGEST:
                keys = (*keys[:2], "usable bits")
                yield _Line(keys, one.usable_bits, other.usable_bits)


def _kept(first: Audit, second: Audit) -> Iterator[_Line]:
    there = {each.name: each for each in second.representations}
    for one in first.representations:
        if other := there.get(one.name):
            ours, theirs = _measures(one), _measures(other)
            for what in ours:
                if what in theirs:
                    yield _Line((one.name, what), ours[what], theirs[what])


def _measures(one: Representation) -> dict[str, Interval]:
    found = {"effective rank": Interval(one.effective_rank)}
    if kept := one.kept:
        found |= {"neighbours": kept.neighbours, "recovered": Interval(kept.recovered)}
        found["CKA"] = Interval(kept.linear_cka)
    return found | {f"details, {name}": Interval(told) for name, told in one.details.items()}


def _table(
    title: str, keys: tuple[str, ...], lines: Sequence[_Line], names: tuple[str, str]
) -> Table:
    adjusted = holm_of({i: line.p_value for i, line in enumerate(lines)})
    rows = []
    for i, line in enumerate(lines):
        apart, p = line.difference, adjusted.get(i)
        told = Cell(MISSING) if p is None else Cell("yes", best=True) if p < LEVEL else Cell("no")
        cells = (_cell(line.first), _cell(line.second), Cell(signed_text(apart), apart), told)
        rows.append(Row(line.keys, cells))
    return Table(title, keys, tuple(map(Column, (*names, *HEADS))), tuple(rows))


def _cell(found: Interval) -> Cell:
    return interval_cell(found) if found.known else number_cell(found.mean)

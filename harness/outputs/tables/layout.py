"""A table before it has a format: what stands where, and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass

from harness.analysis.statistics import Interval

MISSING = "—"
DAGGER = "†"


@dataclass(frozen=True)
class Cell:
    """One entry.

    Attributes
    ----------
    text : what a reader sees, in plain Unicode.
    number : what the text was made from.
    best : not distinguishable from the best of its column.
    """

    text: str
    number: Interval | None = None
    best: bool = False


@dataclass(frozen=True)
class Column:
    """A measured column; `group` stands above neighbours that share it."""

    name: str
    group: str = ""

    @property
    def full_name(self) -> str:
        """The group and the name, for formats with one line of heads."""
        return f"{self.group}, {self.name}" if self.group else self.name


@dataclass(frozen=True)
class Row:
    """A line: one text for each key, then one cell for each column.

    `notes` are positions in the notes of the table; `apart` sets the row off from those above.
    """

    keys: tuple[str, ...]
    cells: tuple[Cell, ...]
    notes: tuple[int, ...] = ()
    apart: bool = False


@dataclass(frozen=True)
class Table:
    """Rows under heads, with numbered notes of its own, and a line for what has no row."""

    title: str
    keys: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    left_out: str = ""


@dataclass(frozen=True)
class Summary:
    """What the tasks of one kind add to the summary of a profile."""

    tables: tuple[Table, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Document:
    """One file: a title, its tables, and remarks that hold for all of them."""

    name: str
    title: str
    tables: tuple[Table, ...]
    remarks: tuple[str, ...] = ()


def interval_cell(interval: Interval | None, *, best: bool = False) -> Cell:
    """A cell with a mean and half of its interval."""
    return Cell(interval_text(interval), interval, best)


def counted(number: int, wanted: int | None = None) -> Cell:
    """How many there are: `3`, or `2/3` where more were wanted."""
    text = str(number) if wanted in (None, number) else f"{number}/{wanted}"
    return Cell(text, Interval(number))


def interval_text(interval: Interval | None) -> str:
    """`.752 ± .012`, the mean with the larger half of its interval."""
    if interval is None:
        return MISSING
    if not interval.known:
        return decimal(interval.mean)
    return f"{decimal(interval.mean)} ± {decimal(interval.half_width)}"


def signed_text(interval: Interval) -> str:
    """`+.203 ± .019`, for differences."""
    text = decimal(interval.mean)
    sign = "" if text.startswith("-") or float(text) == 0 else "+"
    reach = f" ± {decimal(interval.half_width)}" if interval.known else ""
    return f"{sign}{text}{reach}"


def decimal(value: float) -> str:
    """Three decimals without the leading zero, and never a negative zero."""
    text = f"{value:.3f}"
    if float(text) == 0:
        return ".000"
    return text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text


def quantity_text(value: float, unit: str = "") -> str:
    """A cost with three digits and a unit; whole numbers in full with separators."""
    if unit == "B":
        for unit, size in (("GiB", 2.0**30), ("MiB", 2.0**20), ("KiB", 2.0**10), ("B", 1.0)):
            if value >= size or unit == "B":
                return f"{_three_digits(value / size)} {unit}"
    if float(value).is_integer() and not unit:
        return f"{int(value):,}"
    return f"{_three_digits(value)} {unit}".rstrip()


def _three_digits(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"

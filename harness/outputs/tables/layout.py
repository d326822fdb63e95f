"""A table before it has a format: what stands where, and what it is worth."""

from dataclasses import dataclass

from harness.analysis.metrics import MethodVariant
from harness.analysis.statistics import Interval


@dataclass(frozen=True)
class Cell:
    """One entry: what a reader sees, in plain Unicode, and the number that it was made from.

    What is `best` is not distinguishable from the best of its column.
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

    `notes` are positions in the notes of the table; `apart` sets the row off from those above;
    `of` is the method whose trials it shows, where it is that of one.
    """

    keys: tuple[str, ...]
    cells: tuple[Cell, ...]
    notes: tuple[int, ...] = ()
    apart: bool = False
    of: MethodVariant | None = None


@dataclass(frozen=True)
class Table:
    """Rows under heads, with numbered notes of its own, and a line for what has no cell."""

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

"""Small labelled matrices that methods measure on themselves, drawn as heat maps."""

from dataclasses import dataclass
from math import isfinite


@dataclass(frozen=True)
class Heatmap:
    """A labelled matrix.

    Attributes
    ----------
    name : what it shows, such as `mask density, sentiment`.
    rows, columns : their labels.
    values : one tuple a row, one finite number a column.

    Raises
    ------
    ValueError : the values do not fit the labels, or one is not finite.
    """

    name: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        if len(self.values) != len(self.rows) or any(
            len(line) != len(self.columns) for line in self.values
        ):
            raise ValueError(f"the values of {self.name!r} do not fit its labels")
        if not all(isfinite(value) for line in self.values for value in line):
            raise ValueError(f"{self.name!r} holds a value that is not finite")

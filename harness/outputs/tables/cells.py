"""Numbers as the texts and cells of tables."""

from math import isfinite

from harness.analysis.statistics import Interval
from harness.outputs.tables.layout import Cell

MISSING = "—"
DAGGER = "†"
DOUBLE_DAGGER = "‡"


def interval_cell(interval: Interval | None, *, digits: int = 3) -> Cell:
    """A cell with a mean and half of its interval."""
    return Cell(interval_text(interval, digits), interval)


def number_cell(value: float, digits: int = 3) -> Cell:
    """A cell with a number that has no interval, or that is missing where it is not finite."""
    return Cell(decimal(value, digits), Interval(value)) if isfinite(value) else Cell(MISSING)


def counted(number: int, wanted: int | None = None) -> Cell:
    """How many there are: `3`, or `2/3` where more were wanted."""
    text = str(number) if wanted in (None, number) else f"{number}/{wanted}"
    return Cell(text, Interval(number))


def interval_text(interval: Interval | None, digits: int = 3) -> str:
    """`.752 ± .012`, the mean with the larger half of its interval."""
    if interval is None:
        return MISSING
    if not interval.known:
        return decimal(interval.mean, digits)
    return f"{decimal(interval.mean, digits)} ± {decimal(interval.half_width, digits)}"


def signed_text(interval: Interval, digits: int = 3) -> str:
    """`+.203 ± .019`, for differences."""
    text = decimal(interval.mean, digits)
    sign = "" if text.startswith("-") or float(text) == 0 else "+"
    reach = f" ± {decimal(interval.half_width, digits)}" if interval.known else ""
    return f"{sign}{text}{reach}"


def decimal(value: float, digits: int = 3) -> str:
    """Decimals without the leading zero, and never a negative zero."""
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        return f".{'0' * digits}"
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

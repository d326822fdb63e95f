"""Charts as geometry: what stands at which pixel; the page's templates make SVG of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

import numpy as np

from harness.analysis.statistics import Interval
from harness.outputs.figures.labels import placed
from harness.outputs.tables.layout import decimal

WIDTH, HEIGHT = 640, 420
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 16, 52
"""Pixels around the frame that ticks and titles of axes take."""

LETTER, LINE = 6.6, 14.0
"""Pixels of a letter and of a line of labels, a little more than most fonts need."""

TICKS = 5
"""About how many stand on an axis."""


@dataclass(frozen=True)
class Point:
    """Something measured in two ways.

    Attributes
    ----------
    name : what stands beside it.
    said : the same with its numbers, for hover and screen readers.
    link : what it leads to within the page; empty for nothing.
    look : `method`, `front`, `reference` or `bound`, which the style knows.
    """

    name: str
    said: str
    x: Interval
    y: Interval
    link: str = ""
    look: str = "method"


@dataclass(frozen=True)
class Series:
    """Points along x that a line joins."""

    name: str
    points: tuple[tuple[float, Interval], ...]


@dataclass(frozen=True)
class Level:
    """A horizontal line across a chart, such as chance."""

    name: str
    y: float


@dataclass(frozen=True)
class Mark:
    """A point in pixels: its centre, the ends of its intervals, and where its label begins."""

    point: Point
    x: float
    y: float
    left: float
    right: float
    top: float
    bottom: float
    label_x: float
    label_y: float
    leader: bool


@dataclass(frozen=True)
class Line:
    """A series in pixels: its path, and each point with what it says and its interval."""

    name: str
    number: int
    path: str
    dots: tuple[tuple[float, float, float, float, str], ...]


@dataclass(frozen=True)
class Chart:
    """Everything in pixels of a canvas `WIDTH` by `HEIGHT`.

    Attributes
    ----------
    title : what is shown, for the caption.
    x_ticks, y_ticks : position and text.
    levels : y and name; `wall` is the x of chance, or None.
    stairs : the path of the Pareto front; empty without one.
    """

    title: str
    x_name: str
    y_name: str
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    marks: tuple[Mark, ...] = ()
    lines: tuple[Line, ...] = ()
    levels: tuple[tuple[float, str], ...] = ()
    wall: float | None = None
    stairs: str = ""


@dataclass(frozen=True)
class _Axis:
    """From numbers to pixels along one direction."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        pixel = self.start + share * (self.end - self.start)
        least, most = sorted((self.start, self.end))
        # Intervals may run out of the frame; they end at its border.
        return round(min(max(pixel, least), most), 1)

    def ticks(self) -> tuple[tuple[float, str], ...]:
        return tuple((self.at(value), text) for value, text in ticks(self.low, self.high))


def scatter(
    points: Sequence[Point],
    *,
    title: str,
    names: tuple[str, str],
    chance: tuple[float, float],
    front: Sequence[tuple[float, float]] = (),
) -> Chart:
    """Accuracy against leakage, a label beside each point.

    Parameters
    ----------
    names : of the axes.
    chance : leakage and accuracy of guessing; nan leaves it out.
    front : corners of the Pareto front, by x.
    """
    x_axis = _axis([p.x.mean for p in points] + [chance[0]], LEFT, WIDTH - RIGHT)
    y_axis = _axis([p.y.mean for p in points], HEIGHT - BOTTOM, TOP)
    centres = np.array([(x_axis.at(p.x.mean), y_axis.at(p.y.mean)) for p in points])
    sizes = np.array([(LETTER * len(p.name) + 4, LINE) for p in points])
    corners = placed(centres, sizes, (LEFT, TOP, WIDTH - RIGHT, HEIGHT - BOTTOM))
    marks = []
    for point, centre, corner, size in zip(points, centres, corners, sizes, strict=True):
        gap = float(np.abs(centre - np.clip(centre, corner, corner + size)).max())
        marks.append(
            Mark(
                point=point,
                x=float(centre[0]),
                y=float(centre[1]),
                left=x_axis.at(_low(point.x)),
                right=x_axis.at(_high(point.x)),
                top=y_axis.at(_high(point.y)),
                bottom=y_axis.at(_low(point.y)),
                label_x=round(float(corner[0]) + 2, 1),
                label_y=round(float(corner[1]) + LINE - 4, 1),
                leader=gap > LINE,
            )
        )
    levels = ((y_axis.at(chance[1]), "chance"),) if _inside(y_axis, chance[1]) else ()
    return Chart(
        title=title,
        x_name=names[0],
        y_name=names[1],
        x_ticks=x_axis.ticks(),
        y_ticks=y_axis.ticks(),
        marks=tuple(marks),
        levels=levels,
        wall=x_axis.at(chance[0]) if _inside(x_axis, chance[0]) else None,
        stairs=_stairs([(x_axis.at(x), y_axis.at(y)) for x, y in front]),
    )


def curves(
    series: Sequence[Series],
    *,
    title: str,
    names: tuple[str, str],
    levels: Sequence[Level] = (),
) -> Chart:
    """Lines over a number, with intervals and levels to read them against."""
    along = [x for line in series for x, _ in line.points]
    up = [interval.mean for line in series for _, interval in line.points]
    x_axis = _axis(along, LEFT, WIDTH - RIGHT)
    y_axis = _axis([*up, *(level.y for level in levels)], HEIGHT - BOTTOM, TOP)
    lines = []
    for number, line in enumerate(series):
        dots = tuple(
            (
                x_axis.at(x),
                y_axis.at(interval.mean),
                y_axis.at(_low(interval)),
                y_axis.at(_high(interval)),
                f"{line.name} at {x:g}: {decimal(interval.mean)}",
            )
            for x, interval in line.points
        )
        path = "M" + "L".join(f"{x:g},{y:g}" for x, y, *_ in dots)
        lines.append(Line(line.name, number, path, dots))
    shown = [(y_axis.at(level.y), level.name) for level in levels if _inside(y_axis, level.y)]
    return Chart(
        title=title,
        x_name=names[0],
        y_name=names[1],
        x_ticks=x_axis.ticks(),
        y_ticks=y_axis.ticks(),
        lines=tuple(lines),
        levels=tuple(shown),
    )


def ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Round numbers between two limits, at steps of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / TICKS
    scale = 10.0 ** floor(log10(rough))
    step = next(factor * scale for factor in (1.0, 2.0, 5.0, 10.0) if factor * scale >= rough)
    places = max(0, -floor(log10(step) + 1e-9))
    found = []
    for count in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1):
        text = f"{count * step:,.{places}f}" if count else "0"
        found.append((count * step, text.replace("0.", ".", 1) if text.startswith("0.") else text))
    return found


def said(name: str, numbers: Mapping[str, Interval]) -> str:
    """A point in words: `untuned: leakage .762, 95% interval .758 to .766; ...`."""
    parts = []
    for what, interval in numbers.items():
        limits = f", 95% interval {decimal(interval.low)} to {decimal(interval.high)}"
        parts.append(f"{what} {decimal(interval.mean)}{limits if interval.known else ''}")
    return f"{name}: {'; '.join(parts)}"


def _axis(values: Sequence[float], start: float, end: float) -> _Axis:
    there = [value for value in values if isfinite(value)]
    low, high = min(there), max(there)
    room = 0.12 * (high - low) or 0.05 * abs(high) or 0.5
    return _Axis(low - room, high + room, start, end)


def _inside(axis: _Axis, value: float) -> bool:
    return isfinite(value) and axis.low <= value <= axis.high


def _low(interval: Interval) -> float:
    return interval.low if interval.known else interval.mean


def _high(interval: Interval) -> float:
    return interval.high if interval.known else interval.mean


def _stairs(corners: Sequence[tuple[float, float]]) -> str:
    """An SVG path: along to the next corner, then up to it."""
    if not corners:
        return ""
    (x, y), *others = corners
    return f"M{x:g},{y:g}" + "".join(f"H{x:g}V{y:g}" for x, y in others)

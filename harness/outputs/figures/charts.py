"""A chart: a figure that is drawn when it is asked for, and what its parts have in common."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from harness.analysis.metrics import Condition
from harness.analysis.statistics import Interval
from harness.outputs.figures.style import CHANCE_COLOUR
from harness.outputs.tables.cells import decimal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import ErrorbarContainer
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D


@dataclass(frozen=True)
class Chart:
    """A figure and where it belongs.

    Attributes
    ----------
    name : of its files, without a suffix.
    condition : whose section of the report shows it.
    draw : gives the figure, or None where nothing was measured.
    caption : what it shows; empty keeps it out of the report.
    first : whether the report shows it above the tables, and not folded away below them.
    """

    name: str
    condition: Condition
    draw: Callable[[], Figure | None]
    caption: str = ""
    first: bool = False


def curve(
    ax: Axes,
    points: Sequence[tuple[float, Interval]],
    *,
    label: str,
    names: tuple[str, str],
    look: Mapping[str, Any],
    shift: float = 0.0,
) -> ErrorbarContainer:
    """Points along x that a line joins, each with its interval and with a text for hovering.

    `names` are what x and y are, `look` has colour and marker, and the line is drawn by `shift` to
    the right of x.
    """
    drawn = ax.errorbar(
        [x + shift for x, _ in points],
        [y.mean for _, y in points],
        yerr=reach([y for _, y in points]),
        linewidth=1.3,
        markersize=5,
        elinewidth=0.9,
        capsize=2,
        label=label,
        **look,
    )
    say(drawn.lines[0], label, [said(f"{label}, {names[0]} {x:g}", {names[1]: y})
                                for x, y in points])  # fmt: skip
    return drawn


def point(
    ax: Axes, numbers: Mapping[str, Interval], who: str, name: str = "", **look: Any
) -> ErrorbarContainer:
    """A point with its intervals, and with a text for hovering that has all of its numbers.

    The first number lies along x and the second along y. `who` is what `say` takes, and `name`
    begins the text where that is another; `look` goes to `errorbar`.
    """
    along, up, *_ = numbers.values()
    bars: dict[str, Any] = {"xerr": reach([along]), "yerr": reach([up]), "linestyle": "none"}
    drawn = ax.errorbar(along.mean, up.mean, **bars, **look)
    say(drawn.lines[0], who, [said(name or who, numbers)])
    return drawn


def level(
    ax: Axes, value: float, label: str = "chance", colour: str = CHANCE_COLOUR, style: str = "--"
) -> None:
    """A horizontal line to read a chart against; none where the value is not finite."""
    if not isfinite(value):
        return
    ax.axhline(value, color=colour, linewidth=1, linestyle=style, zorder=1)
    ax.annotate(
        label,
        (1.0, value),
        xycoords=("axes fraction", "data"),
        xytext=(-2, 2),
        textcoords="offset points",
        ha="right",
        fontsize=7,
        color=colour,
    )


def reach(intervals: Sequence[Interval]) -> list[list[float]] | None:
    """[2, n]: how far error bars go down and up; None where no interval is known."""
    if not any(interval.known for interval in intervals):
        return None
    return [
        [i.mean - i.low if i.known else 0.0 for i in intervals],
        [i.high - i.mean if i.known else 0.0 for i in intervals],
    ]


def say(line: Line2D, who: str, texts: Sequence[str]) -> None:
    """Give each marker of a line a text, which `figures.svg` puts behind it.

    An artist's id is all of it that matplotlib writes into an SVG file.
    """
    line.set_gid(json.dumps([who, *texts]))


def said(name: str, numbers: Mapping[str, Interval]) -> str:
    """A point in words: `untuned: leakage .762, 95% interval .758 to .766; ...`."""
    parts = []
    for what, interval in numbers.items():
        limits = f", 95% interval {decimal(interval.low)} to {decimal(interval.high)}"
        parts.append(f"{what} {decimal(interval.mean)}{limits if interval.known else ''}")
    return f"{name}: {'; '.join(parts)}"

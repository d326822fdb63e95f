"""Accuracy against leakage: one point a method, intervals on both axes."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any

from harness.figures.style import CHANCE_COLOUR
from harness.measurements import Measurements
from harness.quantities import Contender, Quantity, Setting, group_accuracy
from harness.statistics import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Panel = tuple[str, Quantity, Quantity]
"""A title, what is drawn along x (leakage) and along y."""


def target_panels(measured: Measurements, setting: Setting) -> list[Panel]:
    """Target accuracy against leakage: the mean, then each representation."""
    mean = (
        "mean over representations",
        measured.mean_leakage(setting, "linear"),
        measured.mean_target(setting, "linear"),
    )
    return [
        mean,
        *(
            (
                f"{aspect} representation",
                measured.leakage(setting, aspect, "linear"),
                measured.target(aspect, "linear"),
            )
            for aspect in measured.aspects(setting)
        ),
    ]


def worst_group_panels(measured: Measurements, setting: Setting) -> list[Panel]:
    """Worst-group accuracy against leakage: the mean, then each representation."""
    mean = (
        "mean over representations",
        measured.mean_leakage(setting, "linear"),
        measured.mean_worst_group(setting),
    )
    return [
        mean,
        *(
            (
                f"{aspect} representation",
                measured.leakage(setting, aspect, "linear"),
                group_accuracy("worst_group_accuracy", aspect),
            )
            for aspect in measured.aspects(setting)
        ),
    ]


def draw(
    measured: Measurements,
    setting: Setting,
    panels: list[Panel],
    *,
    ylabel: str,
    looks: Mapping[Contender, Mapping[str, str]],
) -> Figure | None:
    """The panels side by side with one legend beside them; None where there is no point."""
    from matplotlib.figure import Figure

    points = [_points(measured, setting, x, y) for _, x, y in panels]
    if not any(points):
        return None
    # Not shared between panels: aspects differ in how hard they are.
    figure = Figure(figsize=(2.9 * len(panels) + 1.6, 3.3), layout="constrained")
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    figure.suptitle(f"{setting.title}; 95% intervals", fontsize=10)
    handles = {}
    for ax, (title, x, y), there in zip(axes, panels, points, strict=True):
        chance = (measured.chance(setting, x), measured.chance(setting, y))
        _chance_lines(ax, *chance)
        for contender, (along, up) in there.items():
            handles[contender] = ax.errorbar(
                along.mean,
                up.mean,
                xerr=_reach(along),
                yerr=_reach(up),
                linestyle="none",
                markersize=6,
                elinewidth=1,
                capsize=2,
                label=contender.label,
                **looks[contender],
            )
        _frame(ax, there, chance)
        ax.set_title(title, fontsize=9)
        ax.set_xlabel("leakage, linear probe (share of texts)\n← better")
    axes[0].set_ylabel(f"{ylabel}\n(share of texts)   better →")
    shown = [handles[c] for c in measured.contenders(setting) if c in handles]
    figure.legend(handles=shown, loc="outside right center")
    return figure


def _points(
    measured: Measurements, setting: Setting, x: Quantity, y: Quantity
) -> dict[Contender, tuple[Interval, Interval]]:
    found = {}
    for contender in measured.contenders(setting):
        along, up = (measured.interval(setting, contender, q) for q in (x, y))
        if along is not None and up is not None:
            found[contender] = (along, up)
    return found


def _reach(interval: Interval) -> list[list[float]] | None:
    if not interval.known:
        return None
    return [[interval.mean - interval.low], [interval.high - interval.mean]]


def _frame(
    ax: Axes, points: Mapping[Contender, tuple[Interval, Interval]], chance: tuple[float, float]
) -> None:
    """Room around points and chance; the wide intervals of two seeds may run out of the frame."""
    for which, set_limits in ((0, ax.set_xlim), (1, ax.set_ylim)):
        values = [pair[which].mean for pair in points.values()] + [chance[which]]
        shown = [value for value in values if isfinite(value)]
        if shown:
            room = max(0.08, 0.2 * (max(shown) - min(shown)))
            set_limits(min(shown) - room, max(shown) + room)


def _chance_lines(ax: Axes, along: float, up: float) -> None:
    style: dict[str, Any] = {"color": CHANCE_COLOUR, "linewidth": 1, "linestyle": "--", "zorder": 1}
    if isfinite(along):
        ax.axvline(along, **style)
        ax.annotate(
            "chance",
            (along, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(2, -2),
            textcoords="offset points",
            rotation=90,
            va="top",
            fontsize=7,
            color=CHANCE_COLOUR,
        )
    if isfinite(up):
        ax.axhline(up, **style)

"""Accuracy against leakage: one point a method, intervals on both axes, and the Pareto front."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.analysis.marks import below_chance
from harness.analysis.metrics import Condition, MethodVariant, Metric, group_accuracy
from harness.analysis.profile_scores import ProfileScores
from harness.analysis.statistics import Interval
from harness.outputs.figures.charts import Chart, reach, said, say
from harness.outputs.figures.labels import placed
from harness.outputs.figures.style import CHANCE_COLOUR

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

Panel = tuple[str, Metric, Metric]
"""A title, what is drawn along x (leakage) and along y."""

Points = Mapping[MethodVariant, tuple[Interval, Interval]]

Looks = Mapping[MethodVariant, Mapping[str, str]]
"""Colour and marker of each method."""

CAPTION = (
    "Target accuracy against leakage: linear probe, means over representations and then each "
    "representation, 95% intervals. Dotted: the Pareto front, where nobody is better in both. "
    "Hollow: controls, and upper bounds, which learned from balanced rows."
)

LABEL_SIZE = 7

FAR = 12.0
"""Pixels from a point to its label from which on a line leads there."""


def charts(measured: ProfileScores, condition: Condition, looks: Looks) -> Iterator[Chart]:
    """Target accuracy and worst-group accuracy against leakage."""
    for name, panels, ylabel, caption in (
        ("target", target_panels, "target accuracy, linear probe", CAPTION),
        ("worst-group", worst_group_panels, "worst-group accuracy", ""),
    ):
        yield Chart(
            name=f"{condition.slug}-{name}-leakage",
            condition=condition,
            draw=partial(
                draw, measured, condition, panels(measured, condition), ylabel=ylabel, looks=looks
            ),
            caption=caption,
            first=True,
        )


def target_panels(measured: ProfileScores, condition: Condition) -> list[Panel]:
    """Target accuracy against leakage: the mean, then each representation."""
    mean = measured.mean_target(condition, "linear")
    return _panels(measured, condition, mean, lambda aspect: measured.target(aspect, "linear"))


def worst_group_panels(measured: ProfileScores, condition: Condition) -> list[Panel]:
    """Worst-group accuracy against leakage: the mean, then each representation."""
    mean = measured.mean_worst_group(condition)
    return _panels(measured, condition, mean, partial(group_accuracy, "worst_group_accuracy"))


def _panels(
    measured: ProfileScores, condition: Condition, mean: Metric, of: Callable[[str], Metric]
) -> list[Panel]:
    leakage = measured.mean_leakage(condition, "linear")
    return [
        ("mean over representations", leakage, mean),
        *(
            (f"{aspect} representation", measured.leakage(condition, aspect, "linear"), of(aspect))
            for aspect in measured.aspects(condition)
        ),
    ]


def draw(
    measured: ProfileScores, condition: Condition, panels: list[Panel], *, ylabel: str, looks: Looks
) -> Figure | None:
    """The first panel large and with labels, the others beside it; None where there is no point."""
    from matplotlib.figure import Figure

    points = [_points(measured, condition, x, y) for _, x, y in panels]
    if not points[0]:
        return None
    beside = len(panels) - 1
    figure = Figure(figsize=(11.2, max(5.4, 2.4 * beside)), layout="constrained")
    grid = figure.add_gridspec(beside, 2, width_ratios=(2.1, 1))
    # Not shared between panels: aspects differ in how hard they are.
    axes = [
        figure.add_subplot(grid[:, 0]),
        *(figure.add_subplot(grid[i, 1]) for i in range(beside)),
    ]
    figure.suptitle(f"{condition.title}; 95% intervals", fontsize=10)
    handles: dict[MethodVariant, Any] = {}
    line: Any = None
    for ax, (title, x, y), there in zip(axes, panels, points, strict=True):
        chance = (measured.chance(condition, x), measured.chance(condition, y))
        _chance_lines(ax, *chance)
        line = _front_line(ax, measured, condition, x, there)
        for method_variant, (along, up) in there.items():
            style: dict[str, Any] = dict(looks[method_variant])
            if method_variant.method in measured.apart:
                style["markerfacecolor"] = "white"
            drawn = ax.errorbar(
                along.mean,
                up.mean,
                xerr=reach([along]),
                yerr=reach([up]),
                linestyle="none",
                markersize=6,
                elinewidth=0.8,
                label=method_variant.label,
                **style,
            )
            for bar in drawn.lines[2]:
                bar.set_alpha(0.35)
            # One link a method is enough to go through with a keyboard.
            who = method_variant.label if ax is axes[0] else ""
            numbers = {"leakage": along, ylabel.split(",")[0]: up}
            say(drawn.lines[0], who, [said(f"{method_variant.label}, {title}", numbers)])
            handles[method_variant] = drawn
        _frame(ax, there, chance[0])
        ax.set_title(title, fontsize=9)
    axes[0].set_xlabel("leakage, linear probe (share of texts)\n← better")
    axes[0].set_ylabel(f"{ylabel}\n(share of texts)   better →")
    axes[-1].set_xlabel("leakage")
    shown = [handles[c] for c in measured.method_variants(condition) if c in handles]
    figure.legend(handles=[*shown, line], loc="outside right center", fontsize=8)
    _label(figure, axes[0], points[0], looks)
    return figure


def _front_line(
    ax: Axes, measured: ProfileScores, condition: Condition, x: Metric, points: Points
) -> Line2D:
    """A staircase through the undominated; `competitors` alone, without faulty measurements."""
    there = set(measured.competitors(condition)) - below_chance(measured, condition, x)
    competing = {
        method_variant: (along.mean, up.mean)
        for method_variant, (along, up) in points.items()
        if method_variant in there
    }
    stairs = [competing[method_variant] for method_variant in front(competing)]
    (line,) = ax.plot(
        [leakage for leakage, _ in stairs],
        [accuracy for _, accuracy in stairs],
        drawstyle="steps-post",
        color=CHANCE_COLOUR,
        linewidth=1.2,
        linestyle=":",
        zorder=1.5,
        label="Pareto front",
    )
    return line


def front(points: Mapping[MethodVariant, tuple[float, float]]) -> tuple[MethodVariant, ...]:
    """The undominated methods, by leakage.

    One dominates another where it leaks no more, reads no worse, and is better in one of the two.

    Parameters
    ----------
    points : leakage and accuracy of each.
    """

    def dominated(leakage: float, accuracy: float) -> bool:
        others = (other for other in points.values() if other != (leakage, accuracy))
        return any(less <= leakage and more >= accuracy for less, more in others)

    kept = (each for each, point in points.items() if not dominated(*point))
    return tuple(sorted(kept, key=lambda each: (points[each], each)))


def _label(figure: Figure, ax: Axes, points: Points, looks: Looks) -> None:
    """Each point's name beside it, with a line where it had to go far."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    # Pixels are known only when the layout stands; labels take no part in it.
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    marks = ax.transData.transform([(along.mean, up.mean) for along, up in points.values()])
    sizes = []
    for method_variant in points:
        text = ax.text(0, 0, method_variant.label, fontsize=LABEL_SIZE)
        box = text.get_window_extent(renderer)
        sizes.append((box.width, box.height))
        text.remove()
    corners = placed(marks, np.array(sizes), ax.get_window_extent(renderer).extents)
    for method_variant, mark, corner, size in zip(points, marks, corners, sizes, strict=True):
        along, up = points[method_variant]
        colour = looks[method_variant]["color"]
        gap = np.abs(mark - np.clip(mark, corner, corner + np.array(size))).max()
        ax.annotate(
            method_variant.label,
            (along.mean, up.mean),
            xytext=tuple((corner - mark) * 72 / figure.dpi),
            textcoords="offset points",
            fontsize=LABEL_SIZE,
            color=colour,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.6, "pad": 0.2},
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.4}
            if gap > FAR
            else None,
        )


def _points(
    measured: ProfileScores, condition: Condition, x: Metric, y: Metric
) -> dict[MethodVariant, tuple[Interval, Interval]]:
    found = {}
    for method_variant in measured.method_variants(condition):
        along, up = (measured.interval(condition, method_variant, q) for q in (x, y))
        if along is not None and up is not None:
            found[method_variant] = (along, up)
    return found


def _frame(ax: Axes, points: Points, chance: float) -> None:
    """Room around points and the leakage of chance; wide intervals may run out of the frame."""
    leakages = [along.mean for along, _ in points.values()]
    accuracies = [up.mean for _, up in points.values()]
    for values, set_limits in (([*leakages, chance], ax.set_xlim), (accuracies, ax.set_ylim)):
        shown = [value for value in values if isfinite(value)]
        if shown:
            room = max(0.04, 0.15 * (max(shown) - min(shown)))
            set_limits(min(shown) - room, max(shown) + room)


def _chance_lines(ax: Axes, along: float, up: float) -> None:
    style: dict[str, Any] = {"color": CHANCE_COLOUR, "linewidth": 1, "linestyle": "--", "zorder": 1}
    if isfinite(up):
        ax.axhline(up, **style)
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

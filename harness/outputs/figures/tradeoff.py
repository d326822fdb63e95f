"""Accuracy against leakage and what is kept: a point a method, intervals, and the Pareto front."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.analysis.condition_scores import ConditionScores
from harness.analysis.metrics import MethodVariant, Metric, MetricKey, group_accuracy
from harness.analysis.pareto import undominated
from harness.analysis.statistics import Interval
from harness.outputs.figures.charts import Chart, point
from harness.outputs.figures.labels import placed
from harness.outputs.figures.style import CHANCE_COLOUR, KEPT_COLOURS, REFERENCE_COLOUR

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

Panel = tuple[str, Metric, Metric, Metric]
"""A title, what is drawn along x (leakage) and along y, and the neighbours kept."""

Points = Mapping[MethodVariant, tuple[Interval, Interval, Interval | None]]

Looks = Mapping[MethodVariant, Mapping[str, str]]
"""Colour and marker of each method."""

CAPTION = (
    "Target accuracy against leakage: linear probe, means over representations and then each "
    "representation, 95% intervals. Colour: the share of the untuned encoder's neighbours that is "
    "kept. Rings: the Pareto front, where nobody leaks less, reads more and keeps more. "
    "Hollow, with that colour as the edge: controls, and upper bounds, which learned from balanced "
    "rows."
)

KEPT_STEPS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0)
"""Bounds of the colours: finer where hardly anything is kept."""

LABEL_SIZE = 7

FAR = 12.0
"""Pixels from a point to its label from which on a line leads there."""


def charts(scores: ConditionScores, looks: Looks) -> Iterator[Chart]:
    """Target accuracy and worst-group accuracy against leakage."""
    for name, panels, ylabel, caption in (
        ("target", target_panels, "target accuracy, linear probe", CAPTION),
        ("worst-group", worst_group_panels, "worst-group accuracy", ""),
    ):
        yield Chart(
            name=f"{scores.condition.slug}-{name}-leakage",
            condition=scores.condition,
            draw=partial(draw, scores, panels(scores), ylabel=ylabel, looks=looks),
            caption=caption,
            first=True,
        )


def target_panels(scores: ConditionScores) -> list[Panel]:
    """Target accuracy against leakage: the mean, then each representation."""
    mean = scores.mean_target("linear")
    return _panels(scores, mean, lambda aspect: scores.target(aspect, "linear"))


def worst_group_panels(scores: ConditionScores) -> list[Panel]:
    """Worst-group accuracy against leakage: the mean, then each representation."""
    mean = scores.mean_worst_group()
    return _panels(scores, mean, partial(group_accuracy, "worst_group_accuracy"))


def _panels(scores: ConditionScores, mean: Metric, of: Callable[[str], Metric]) -> list[Panel]:
    leakage = scores.mean_leakage("linear")
    kept = scores.mean_kept("neighbours_kept")
    return [
        ("mean over representations", leakage, mean, kept),
        *(
            (
                f"{aspect} representation",
                scores.leakage(aspect, "linear"),
                of(aspect),
                Metric.mean([MetricKey("neighbours_kept", aspect)]),
            )
            for aspect in scores.aspects
        ),
    ]


def draw(
    scores: ConditionScores, panels: list[Panel], *, ylabel: str, looks: Looks
) -> Figure | None:
    """The first panel large and with labels, the others beside it; None where there is no point."""
    from matplotlib.figure import Figure

    points = [_points(scores, panel) for panel in panels]
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
    figure.suptitle(f"{scores.condition.title}; 95% intervals", fontsize=10)
    handles: dict[MethodVariant, Any] = {}
    rings: Any = None
    for ax, panel, there in zip(axes, panels, points, strict=True):
        title, x, y, _ = panel
        chance = (scores.chance(x), scores.chance(y))
        chance_lines(ax, *chance)
        rings = _rings(ax, scores, panel, there)
        for method_variant, (along, up, kept) in there.items():
            look = looks[method_variant]
            hollow = method_variant.method in scores.apart
            style: dict[str, Any] = {**look, **kept_style(kept, look["color"], hollow=hollow)}
            style |= {"markersize": 7, "markeredgewidth": 1.2, "elinewidth": 0.8}
            numbers = {"leakage": along, ylabel.split(",")[0]: up}
            numbers |= {} if kept is None else {"neighbours kept": kept}
            # One link a method is enough to go through with a keyboard.
            label = method_variant.label
            who = label if ax is axes[0] else ""
            drawn = point(ax, numbers, who, f"{label}, {title}", label=label, **style)
            for bar in drawn.lines[2]:
                bar.set_alpha(0.35)
            handles[method_variant] = drawn
        _frame(ax, there, chance[0])
        ax.set_title(title, fontsize=9)
    axes[0].set_xlabel("leakage, linear probe (share of texts)\n← better")
    axes[0].set_ylabel(f"{ylabel}\n(share of texts)   better →")
    axes[-1].set_xlabel("leakage")
    if any(kept for *_, kept in points[0].values()):
        kept_bar(figure, axes[0])
    shown = [handles[c] for c in scores.method_variants if c in handles]
    figure.legend(handles=[*shown, rings], loc="outside right center", fontsize=8)
    write_labels(figure, axes[0], points[0], looks)
    return figure


def kept_style(kept: Interval | None, colour: str, *, hollow: bool) -> dict[str, str]:
    """A face that says what is kept, within an edge of the method's own colour; or a hollow one."""
    shade = colour if kept is None else KEPT_COLOURS[bisect_right(KEPT_STEPS[1:-1], kept.mean)]
    face, edge = ("white", shade) if hollow else (shade, colour)
    return {"markerfacecolor": face, "markeredgecolor": edge}


def kept_bar(figure: Figure, ax: Axes | Sequence[Axes]) -> None:
    """A bar below with the colours of what is kept."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import BoundaryNorm, ListedColormap

    scale = BoundaryNorm(KEPT_STEPS, len(KEPT_COLOURS))
    shades = ScalarMappable(scale, ListedColormap(list(KEPT_COLOURS)))
    bar = figure.colorbar(
        shades,
        ax=ax,
        location="bottom",
        aspect=45,
        pad=0.02,
        label="neighbours of the untuned encoder kept (share)   more →",
    )
    bar.ax.set_xticks(KEPT_STEPS, [f"{step:g}" for step in KEPT_STEPS], fontsize=7)


def _rings(ax: Axes, scores: ConditionScores, panel: Panel, points: Points) -> Line2D:
    """Rings around the methods of the Pareto front."""
    _, *metrics = panel
    there = [points[each] for each in undominated(scores, *metrics) if each in points]
    (line,) = ax.plot(
        [along.mean for along, *_ in there],
        [up.mean for _, up, _ in there],
        linestyle="none",
        marker="o",
        markersize=12,
        markerfacecolor="none",
        markeredgecolor=REFERENCE_COLOUR,
        markeredgewidth=0.9,
        zorder=1.5,
        label="Pareto front",
    )
    return line


def write_labels(figure: Figure, ax: Axes, points: Points, looks: Looks) -> None:
    """Each point's name beside it, with a line where it had to go far."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    # Pixels are known only when the layout stands; labels take no part in it.
    layout = figure.get_layout_engine()
    if layout is not None:
        layout.execute(figure)
        figure.set_layout_engine("none")
    marks = ax.transData.transform([(along.mean, up.mean) for along, up, _ in points.values()])
    sizes = []
    for method_variant in points:
        text = ax.text(0, 0, method_variant.label, fontsize=LABEL_SIZE)
        box = text.get_window_extent(renderer)
        sizes.append((box.width, box.height))
        text.remove()
    corners = placed(marks, np.array(sizes), ax.get_window_extent(renderer).extents)
    for method_variant, mark, corner, size in zip(points, marks, corners, sizes, strict=True):
        along, up, _ = points[method_variant]
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


def _points(scores: ConditionScores, panel: Panel) -> Points:
    found = {}
    for each in scores.method_variants:
        along, up, kept = (scores.interval(each, metric) for metric in panel[1:])
        if along is not None and up is not None:
            found[each] = (along, up, kept)
    return found


def _frame(ax: Axes, points: Points, chance: float) -> None:
    """Room around points and the leakage of chance; wide intervals may run out of the frame."""
    leakages = [along.mean for along, *_ in points.values()]
    accuracies = [up.mean for _, up, _ in points.values()]
    for values, set_limits in (([*leakages, chance], ax.set_xlim), (accuracies, ax.set_ylim)):
        shown = [value for value in values if isfinite(value)]
        if shown:
            room = max(0.04, 0.15 * (max(shown) - min(shown)))
            set_limits(min(shown) - room, max(shown) + room)


def chance_lines(ax: Axes, along: float, up: float) -> None:
    """Where chance lies on both axes; none where it is not known."""
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

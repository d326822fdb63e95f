"""The matrices that a method measured on itself, as heat maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.analysis.condition_scores import ConditionScores
from harness.analysis.metrics import Condition, MethodVariant
from harness.contract.heatmap_data import Heatmap

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PANELS = 3
"""Side by side at most."""

CELL = 0.42
"""Height and least width of a cell, in inches: a number of two digits has room in it."""


LEAST = 4
"""Columns with numbers for heads from which on a matrix is drawn as curves."""


def stored_heatmaps(scores: ConditionScores, method_variant: MethodVariant) -> tuple[Heatmap, ...]:
    """The matrices in the record of the first seed that has any."""
    return next((r.grids for r in scores.records(method_variant) if r.grids), ())


def has_steps(grid: Heatmap) -> bool:
    """Whether a matrix is drawn as curves, its columns being numbers."""
    numbers = [text.replace(".", "", 1).isdigit() for text in grid.columns]
    return len(numbers) >= LEAST and all(numbers)


def matrices(scores: ConditionScores, method_variant: MethodVariant) -> tuple[Heatmap, ...]:
    """The same, those that are drawn as curves left out."""
    found = stored_heatmaps(scores, method_variant)
    return tuple(grid for grid in found if not has_steps(grid))


def draw(
    condition: Condition,
    method_variant: MethodVariant,
    shown: Sequence[Heatmap],
    *,
    unit: str = "share of the weights",
) -> Figure:
    """One panel a matrix, every value written into its cell; all on one scale from 0 to 1."""
    from matplotlib.figure import Figure

    across = min(PANELS, len(shown))
    down = -(-len(shown) // across)
    height = CELL * max(len(grid.rows) for grid in shown) + 1.5
    width = max(3.6, CELL * max(len(grid.columns) for grid in shown) + 1.2)
    figure = Figure(figsize=(width * across + 0.8, height * down + 0.4), layout="constrained")
    figure.suptitle(f"{condition.title}\n{method_variant.label}, one seed", fontsize=10)
    axes = figure.subplots(down, across, squeeze=False).ravel()
    image = None
    for ax, grid in zip(axes, shown, strict=False):
        image = ax.imshow(grid.values, vmin=0, vmax=1, cmap="viridis", aspect="auto")
        ax.set_title(grid.name, fontsize=9)
        ax.set_xticks(range(len(grid.columns)), grid.columns, rotation=35, ha="right", fontsize=7)
        # The highest layer on top, as networks are drawn.
        rows = [row.replace("_", " ") for row in grid.rows]
        ax.set_yticks(range(len(rows)), rows, fontsize=7)
        ax.invert_yaxis()
        ax.grid(visible=False)
        for i, line in enumerate(grid.values):
            for j, value in enumerate(line):
                shade = "black" if value > 0.6 else "white"
                text = f"{value:.2f}"
                ax.text(j, i, text, ha="center", va="center", fontsize=7, color=shade)
    for ax in axes[len(shown) :]:
        ax.set_visible(False)
    if image is not None:
        figure.colorbar(image, ax=list(axes), shrink=0.8, label=unit)
    return figure

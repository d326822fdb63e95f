"""The search of settings: how near to the optimum each method's fits come, and what they keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.errors import UserError
from harness.analysis.metrics import Condition
from harness.analysis.statistics import Interval
from harness.outputs.figures.charts import Chart, said, say
from harness.outputs.figures.style import REFERENCE_COLOUR
from harness.outputs.figures.tradeoff import kept_bar, kept_style
from harness.runs.tuning.fits import Candidate, Fit, candidates, chosen, stored_fits

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Fits = Mapping[str, Sequence[Fit]]


def charts(folder: Path) -> Iterator[Chart]:
    """A figure for each task on which methods were tuned, and all of them to the end."""
    for task in sorted(each for each in folder.glob("*") if each.is_dir()):
        fits = stored_fits(task)
        try:
            found = {method: chosen(own) for method, own in fits.items()}
        except UserError:
            # Unfinished, as in the table.
            continue
        condition = Condition(task.name, 0.0, "")
        yield Chart(f"tuning-{task.name}", condition, partial(draw, task.name, fits, found))


def draw(task: str, fits: Fits, found: Mapping[str, Candidate]) -> Figure:
    """A row for each method, the best above: a point for each setting, the chosen one ringed.

    Large: under all seeds; small: under the first alone.
    """
    from matplotlib.figure import Figure

    order = sorted(found, key=lambda method: -found[method].distance)
    figure = Figure(figsize=(8.6, 1.6 + 0.3 * len(order)), layout="constrained")
    figure.suptitle(f"Tuning on {task}: equally many fits for each method", fontsize=10)
    ax = figure.subplots()
    for row, method in enumerate(order):
        for each in candidates(fits[method]):
            _point(ax, row, method, each, ringed=each.settings == found[method].settings)
    ax.set_yticks(range(len(order)), order)
    ax.set_xlabel(
        "distance to the optimum on held-out rows, mean over seeds (large: three)\n← better"
    )
    kept_bar(figure, ax)
    return figure


def _point(ax: Axes, row: int, method: str, each: Candidate, *, ringed: bool) -> None:
    kept = Interval(min(fit.neighbours_kept for fit in each.fits))
    shade = kept_style(kept, REFERENCE_COLOUR, hollow=False)["markerfacecolor"]
    look: dict[str, Any] = {"linestyle": "none", "marker": "o", "color": shade}
    if ringed:
        ring = {"markersize": 12, "color": REFERENCE_COLOUR, "markerfacecolor": "none"}
        ax.plot(each.distance, row, **{**look, **ring})
    size = 7 if len(each.fits) > 1 else 4.5
    (line,) = ax.plot(each.distance, row, markersize=size, **look)
    numbers = {"distance": Interval(each.distance), "neighbours kept": kept}
    say(line, method, [f"{said(method, numbers)}; {each.settings}"])

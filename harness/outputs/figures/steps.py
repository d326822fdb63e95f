"""Matrices whose columns are training steps, as curves: a panel a row, a line a method."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from harness.analysis.condition_scores import ConditionScores
from harness.analysis.metrics import Condition, MethodVariant, file_name
from harness.analysis.statistics import Interval
from harness.contract.heatmap_data import Heatmap
from harness.outputs.figures import style
from harness.outputs.figures.charts import Chart, curve
from harness.outputs.figures.heatmaps import has_steps, stored_heatmaps

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LINES = len(style.COLOURS)
"""In one figure; more methods make further figures."""

UNITS = {
    "kl": "KL (nats a sentence)",
    "mutual_information": "mutual information (nats)",
    "latent_use": "use of z (nats a sentence)",
    "reconstruction": "reconstruction (nats a sentence)",
}
"""Labels of rows whose name alone does not say their unit."""


def charts(scores: ConditionScores) -> Iterator[Chart]:
    """The first seed's curves of every method.

    Those that were tried with most seeds, which carry the claims, come first; among these the
    method with most variants.
    """
    trials = scores.trials
    variants = Counter(method_variant.method for method_variant in trials)
    found: dict[str, dict[MethodVariant, Heatmap]] = {}
    for each in sorted(
        trials,
        key=lambda c: (-len(trials[c]), -variants[c.method], c.method, c.variant != "default", c),
    ):
        for grid in filter(has_steps, stored_heatmaps(scores, each)):
            found.setdefault(grid.name, {})[each] = grid
    for name, grids in found.items():
        for i in range(0, len(grids), LINES):
            shown = dict(list(grids.items())[i : i + LINES])
            number = f"-{i // LINES + 1}" if i else ""
            yield Chart(
                name=file_name(f"{scores.condition.slug}-{name.replace(' ', '-')}{number}"),
                condition=scores.condition,
                draw=partial(draw, scores.condition, name, shown),
                caption=f"{scores.condition.title}: {name} of {', '.join(c.label for c in shown)}; "
                "one seed",
            )


def draw(condition: Condition, name: str, shown: Mapping[MethodVariant, Heatmap]) -> Figure:
    """One panel for each row of the matrices, one line a method.

    Where the ends of a panel lie far apart it is symmetric-logarithmic: a KL without its term in
    the loss is tens of times that after.
    """
    from matplotlib.figure import Figure

    rows = list(dict.fromkeys(row for grid in shown.values() for row in grid.rows))
    across = min(2, len(rows))
    down = -(-len(rows) // across)
    figure = Figure(figsize=(4.6 * across, 2.7 * down + 0.6), layout="constrained")
    figure.suptitle(f"{condition.title}: {name}, one seed", fontsize=10)
    panels = figure.subplots(down, across, squeeze=False).ravel()
    looks = style.looks(sorted(shown))
    for ax, row in zip(panels, rows, strict=False):
        values: list[float] = []
        for method_variant, grid in shown.items():
            if row in grid.rows:
                line = grid.values[grid.rows.index(row)]
                values += line
                curve(
                    ax,
                    [(float(x), Interval(y)) for x, y in zip(grid.columns, line, strict=True)],
                    label=method_variant.label,
                    names=("step", row.replace("_", " ")),
                    look=looks[method_variant],
                )
        if max(values) > 10 * max(min(values), 1.0):
            ax.set_yscale("symlog", linthresh=1)
            # Powers of ten in full: the signs of a formula are no text.
            ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        ax.set_xlabel("training step")
        ax.set_ylabel(UNITS.get(row, row.replace("_", " ")))
    for ax in panels[len(rows) :]:
        ax.set_visible(False)
    lines = {handle.get_label(): handle for ax in panels for handle in ax.containers}
    figure.legend(handles=list(lines.values()), loc="outside lower center", ncols=3, fontsize=7)
    return figure

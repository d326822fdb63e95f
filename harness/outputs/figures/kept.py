"""Leakage against neighbours kept: all variants beside the methods, and the front of both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from harness.analysis.condition_scores import ConditionScores
from harness.analysis.metrics import MethodVariant
from harness.analysis.pareto import front
from harness.outputs.figures.charts import level, point
from harness.outputs.figures.style import CHANCE_COLOUR
from harness.outputs.figures.tradeoff import write_labels
from harness.outputs.tables.columns import PROBES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CAPTION = (
    "Neighbours of the untuned encoder kept, over leakage, means over representations, 95% "
    "intervals. Large: methods, hollow where they are controls or upper bounds; small: variants. "
    "With a name: the front of those that are compared."
)


def draw(
    scores: ConditionScores, *, looks: Mapping[MethodVariant, Mapping[str, str]]
) -> Figure | None:
    """A point for each variant, a panel for each probe; None where there are no variants."""
    from matplotlib.figure import Figure

    variants = [each for found in scores.variants.values() for each in found[1:]]
    if not variants:
        return None
    kept = scores.mean_kept("neighbours_kept")
    figure = Figure(figsize=(12.4, 6.0), layout="constrained")
    figure.suptitle(f"{scores.condition.title}; 95% intervals", fontsize=10)
    panels = []
    for ax, probe in zip(figure.subplots(1, len(PROBES), sharey=True), PROBES, strict=True):
        leakage, points = scores.mean_leakage(probe), {}
        for each in (*variants, *scores.method_variants):
            along, up = scores.interval(each, leakage), scores.interval(each, kept)
            if along is None or up is None:
                continue
            points[each] = along, up, up
            look: dict[str, Any] = {**looks[MethodVariant(each.method)], "label": each.label}
            look |= {"markersize": 4 if each in variants else 8, "elinewidth": 0.5}
            if each.method in scores.apart:
                look["markerfacecolor"] = "white"
            numbers = {f"leakage, {probe} probe": along, "neighbours kept": up}
            point(ax, numbers, each.label, **look)
        ax.set_yscale("log")
        # In full: the signs of a formula are no text.
        ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        level(ax, scores.chance(kept))
        ax.axvline(scores.chance(leakage), color=CHANCE_COLOUR, linestyle="--")
        ax.set_xlabel(f"leakage, {probe} probe (share of texts)\n← better")
        panels.append((ax, points))
    figure.axes[0].set_ylabel("neighbours kept (share)   better →")
    named = {each.label for each in scores.method_variants}
    handles = [drawn for drawn in figure.axes[0].containers if drawn.get_label() in named]
    figure.legend(handles=handles, loc="outside right center", fontsize=8)
    for ax, points in panels:
        compared = {c: p for c, p in points.items() if c.method not in scores.apart}
        best = front({c: (along.mean, up.mean) for c, (along, up, _) in compared.items()})
        own = {each: looks[MethodVariant(each.method)] for each in best}
        write_labels(figure, ax, {each: points[each] for each in best}, own)
    return figure

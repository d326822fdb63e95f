"""Curves along the dials: what methods tell, and what they keep, over what they leak."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.analysis.condition_scores import REFERENCE, ConditionScores
from harness.analysis.metrics import MethodVariant
from harness.outputs.figures.charts import point
from harness.outputs.figures.tradeoff import Looks, chance_lines, kept_bar, kept_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CAPTION = (
    "Along the dials: target accuracy, and the share of the untuned encoder's neighbours that is "
    "kept, over leakage, linear probe, means over representations, 95% intervals. A line joins the "
    "positions of a method's dial in their order; the larger points are defaults. Colour: "
    "neighbours kept. Hollow: controls."
)


def draw(scores: ConditionScores, *, looks: Looks) -> Figure | None:
    """One curve a method with a dial, and the untuned encoder; None where no dial was turned."""
    from matplotlib.figure import Figure

    curves = {each: scores.positions(each) for each in scores.method_variants}
    if all(len(curves[each]) == 1 for each in scores.competitors):
        return None
    leakage, kept = scores.mean_leakage("linear"), scores.mean_kept("neighbours_kept")
    merits = {"target accuracy": scores.mean_target("linear"), "neighbours kept": kept}
    figure = Figure(figsize=(11.2, 5.0), layout="constrained")
    figure.suptitle(f"{scores.condition.title}; 95% intervals", fontsize=10)
    axes = figure.subplots(1, len(merits))
    handles: dict[MethodVariant, Any] = {}
    for ax, (name, merit) in zip(axes, merits.items(), strict=True):
        chance_lines(ax, scores.chance(leakage), scores.chance(merit))
        for method, positions in curves.items():
            if len(positions) == 1 and method.method != REFERENCE:
                continue
            points = {
                each: (along, up, scores.interval(each, kept))
                for each in positions
                if (along := scores.interval(each, leakage))
                and (up := scores.interval(each, merit))
            }
            colour, hollow = looks[method]["color"], method.method in scores.apart
            found = points.values()
            line = [x.mean for x, _, _ in found], [y.mean for _, y, _ in found]
            ax.plot(*line, color=colour, linewidth=1.2, alpha=0.7, zorder=1.5)
            for each, (along, up, share) in points.items():
                look: dict[str, Any] = {**looks[method]}
                look |= kept_style(share, colour, hollow=hollow)
                size = 7 if each == method else 4.5
                look |= {"label": method.label, "markersize": size, "elinewidth": 0.6}
                drawn = point(ax, {"leakage": along, name: up}, each.label, **look)
                handles.setdefault(method, drawn)
        ax.set_xlabel("leakage, linear probe (share of texts)\n← better")
        ax.set_ylabel(f"{name} (share of texts)   better →")
    if any(scores.interval(each, kept) for each in handles):
        kept_bar(figure, axes)
    figure.legend(handles=list(handles.values()), loc="outside right center", fontsize=8)
    return figure if handles else None

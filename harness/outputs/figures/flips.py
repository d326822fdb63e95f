"""Cause over isolate on minimal pairs: does the right thing move, and nothing else?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from harness.analysis.condition_scores import ConditionScores
from harness.analysis.metrics import MethodVariant, Metric
from harness.outputs.figures.charts import level, point
from harness.outputs.figures.style import CHANCE_COLOUR
from harness.outputs.tables.columns import flip_metrics

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CAPTION = (
    "Minimal pairs: the share in which a representation's probe follows its own aspect's flip "
    "(cause) over that in which it stays where another aspect is flipped (isolate), means over the "
    "representations that have them, 95% intervals. Hollow: controls and upper bounds. A constant "
    "stands below on the right."
)


def draw(
    scores: ConditionScores, *, looks: Mapping[MethodVariant, Mapping[str, str]]
) -> Figure | None:
    """A point a method; None where there are no pairs, or only one aspect is flipped in them."""
    from matplotlib.figure import Figure

    parts = [list(flip_metrics(scores, metric).values()) for metric in ("isolate", "cause")]
    if not all(parts):
        return None
    metrics = [Metric.mean_of(each) for each in parts]
    figure = Figure(figsize=(8.6, 5.0), layout="constrained")
    figure.suptitle(f"{scores.condition.title}; 95% intervals", fontsize=10)
    ax = figure.subplots()
    handles = []
    for each in scores.method_variants:
        along, up = (scores.interval(each, metric) for metric in metrics)
        if along is None or up is None:
            continue
        style: dict[str, Any] = dict(looks[each])
        if each.method in scores.apart:
            style["markerfacecolor"] = "white"
        numbers = {"isolate": along, "cause": up}
        handles.append(point(ax, numbers, each.label, label=each.label, elinewidth=0.8, **style))
    if not handles:
        return None
    level(ax, scores.chance(metrics[1]), "two guesses")
    ax.axvline(scores.chance(metrics[0]), color=CHANCE_COLOUR, linewidth=1, linestyle="--")
    ax.set_xlabel("isolate (share of pairs)   better →")
    ax.set_ylabel("cause (share of pairs)   better →")
    figure.legend(handles=handles, loc="outside right center", fontsize=8)
    return figure

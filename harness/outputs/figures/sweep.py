"""Leakage against the correlation of the training rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from harness.analysis.condition_scores import ConditionScores
from harness.analysis.metrics import MethodVariant
from harness.outputs.figures.charts import curve, level

if TYPE_CHECKING:
    from matplotlib.container import ErrorbarContainer
    from matplotlib.figure import Figure

PROBES = ("linear", "mlp")


def draw(
    swept: Sequence[ConditionScores], *, looks: Mapping[MethodVariant, Mapping[str, str]]
) -> Figure | None:
    """One line a method over the conditions `swept`, which differ in correlation alone.

    Methods measured at a single correlation are left out; None where no other is left.
    """
    from matplotlib.figure import Figure

    present = {
        method_variant
        for method_variant in looks
        if sum(bool(scores.metric_keys(method_variant)) for scores in swept) > 1
    }
    if not present:
        return None
    figure = Figure(figsize=(8.6, 3.4), layout="constrained")
    axes = figure.subplots(1, len(PROBES), sharey=True)
    first = swept[0]
    task, _, backbone = first.condition
    figure.suptitle(f"{task}, {backbone}; 95% intervals", fontsize=10)
    handles: list[ErrorbarContainer] = []
    step = 0.012 / max(1, len(present) - 1)
    for ax, probe in zip(axes, PROBES, strict=True):
        handles = []
        for i, method_variant in enumerate(c for c in looks if c in present):
            # Side by side, so that no interval hides another.
            shift = (i - (len(present) - 1) / 2) * step
            points = [
                (scores.condition.correlation, interval)
                for scores in swept
                if (interval := scores.interval(method_variant, scores.mean_leakage(probe)))
            ]
            names = ("correlation", f"leakage, {probe} probe")
            label, look = method_variant.label, looks[method_variant]
            handles.append(curve(ax, points, label=label, names=names, look=look, shift=shift))
        level(ax, first.chance(first.mean_leakage(probe)))
        ax.set_xticks([scores.condition.correlation for scores in swept])
        ax.set_title(f"{probe} probe", fontsize=9)
        ax.set_xlabel("correlation ρ of the training rows\n(share in the majority cells)")
    axes[0].set_ylabel("mean leakage (share of texts)")
    figure.legend(handles=handles, loc="outside right center")
    return figure

"""Leakage against the correlation of the training rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING

from harness.analysis.metrics import Condition, MethodVariant
from harness.analysis.profile_scores import ProfileScores
from harness.outputs.figures.style import CHANCE_COLOUR

if TYPE_CHECKING:
    from matplotlib.container import ErrorbarContainer
    from matplotlib.figure import Figure

PROBES = ("linear", "mlp")


def draw(
    measured: ProfileScores,
    conditions: Sequence[Condition],
    *,
    looks: Mapping[MethodVariant, Mapping[str, str]],
) -> Figure | None:
    """One line a method over the settings, which differ in correlation alone.

    Methods measured at a single correlation are left out; None where no other is left.
    """
    from matplotlib.figure import Figure

    present = {
        method_variant
        for method_variant in looks
        if sum(bool(measured.metric_keys(s, method_variant)) for s in conditions) > 1
    }
    if not present:
        return None
    figure = Figure(figsize=(8.6, 3.4), layout="constrained")
    axes = figure.subplots(1, len(PROBES), sharey=True)
    figure.suptitle(f"{conditions[0].task}, {conditions[0].backbone}; 95% intervals", fontsize=10)
    handles: list[ErrorbarContainer] = []
    step = 0.012 / max(1, len(present) - 1)
    for ax, probe in zip(axes, PROBES, strict=True):
        handles = []
        for i, method_variant in enumerate(c for c in looks if c in present):
            shift = (i - (len(present) - 1) / 2) * step
            points = [
                (condition.correlation + shift, interval)
                for condition in conditions
                if (metric := measured.mean_leakage(condition, probe))
                and (interval := measured.interval(condition, method_variant, metric))
            ]
            reach = [
                [p.mean - p.low if p.known else 0.0 for _, p in points],
                [p.high - p.mean if p.known else 0.0 for _, p in points],
            ]
            handles.append(
                ax.errorbar(
                    [x for x, _ in points],
                    [p.mean for _, p in points],
                    yerr=reach,
                    linewidth=1.3,
                    markersize=5,
                    elinewidth=0.9,
                    capsize=2,
                    label=method_variant.label,
                    **looks[method_variant],
                )
            )
        level = measured.chance(conditions[0], measured.mean_leakage(conditions[0], probe))
        if isfinite(level):
            ax.axhline(level, color=CHANCE_COLOUR, linewidth=1, linestyle="--", zorder=1)
            ax.annotate(
                "chance",
                (1.0, level),
                xycoords=("axes fraction", "data"),
                xytext=(-2, 2),
                textcoords="offset points",
                ha="right",
                fontsize=7,
                color=CHANCE_COLOUR,
            )
        ax.set_xticks([s.correlation for s in conditions])
        ax.set_title(f"{probe} probe", fontsize=9)
        ax.set_xlabel("correlation ρ of the training rows\n(share in the majority cells)")
    axes[0].set_ylabel("mean leakage (share of texts)")
    figure.legend(handles=handles, loc="outside right center")
    return figure

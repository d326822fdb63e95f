"""Leakage against the correlation of the training rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING

from harness.analysis.measurements import Measurements
from harness.analysis.quantities import Contender, Setting
from harness.outputs.figures.style import CHANCE_COLOUR

if TYPE_CHECKING:
    from matplotlib.container import ErrorbarContainer
    from matplotlib.figure import Figure

PROBES = ("linear", "mlp")


def draw(
    measured: Measurements,
    settings: Sequence[Setting],
    *,
    looks: Mapping[Contender, Mapping[str, str]],
) -> Figure | None:
    """One line a method over the settings, which differ in correlation alone.

    Methods measured at a single correlation are left out; None where no other is left.
    """
    from matplotlib.figure import Figure

    present = {
        contender
        for contender in looks
        if sum(bool(measured.measures(s, contender)) for s in settings) > 1
    }
    if not present:
        return None
    figure = Figure(figsize=(8.6, 3.4), layout="constrained")
    axes = figure.subplots(1, len(PROBES), sharey=True)
    figure.suptitle(f"{settings[0].task}, {settings[0].backbone}; 95% intervals", fontsize=10)
    handles: list[ErrorbarContainer] = []
    step = 0.012 / max(1, len(present) - 1)
    for ax, probe in zip(axes, PROBES, strict=True):
        handles = []
        for i, contender in enumerate(c for c in looks if c in present):
            shift = (i - (len(present) - 1) / 2) * step
            points = [
                (setting.correlation + shift, interval)
                for setting in settings
                if (quantity := measured.mean_leakage(setting, probe))
                and (interval := measured.interval(setting, contender, quantity))
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
                    label=contender.label,
                    **looks[contender],
                )
            )
        level = measured.chance(settings[0], measured.mean_leakage(settings[0], probe))
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
        ax.set_xticks([s.correlation for s in settings])
        ax.set_title(f"{probe} probe", fontsize=9)
        ax.set_xlabel("correlation ρ of the training rows\n(share in the majority cells)")
    axes[0].set_ylabel("mean leakage (share of texts)")
    figure.legend(handles=handles, loc="outside right center")
    return figure

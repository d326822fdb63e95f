"""Leakage over the rows that a probe is fitted on: has it been read to its end?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from harness.analysis.condition_scores import ConditionScores
from harness.analysis.definitions import SHARES
from harness.analysis.metrics import MethodVariant
from harness.outputs.figures.charts import curve, level

if TYPE_CHECKING:
    from matplotlib.container import ErrorbarContainer
    from matplotlib.figure import Figure

CAPTION = (
    "Leakage and target accuracy over the share of the rows that the linear probe is fitted on, "
    "means over representations, 95% intervals. Where leakage still rises at all rows, more rows "
    "would read more."
)


def draw(
    scores: ConditionScores, *, looks: Mapping[MethodVariant, Mapping[str, str]]
) -> Figure | None:
    """One line a method; None where nobody has a curve."""
    from matplotlib.figure import Figure

    panels = {
        "leakage": scores.mean_leakage("linear"),
        "target accuracy": scores.mean_target("linear"),
    }
    present = [
        each
        for each in scores.method_variants
        if scores.by_seed(each, panels["leakage"].at_share(SHARES[0]))
    ]
    if not present:
        return None
    figure = Figure(figsize=(8.6, 3.8), layout="constrained")
    figure.suptitle(f"{scores.condition.title}; 95% intervals", fontsize=10)
    handles: list[ErrorbarContainer] = []
    for ax, (title, metric) in zip(figure.subplots(1, len(panels)), panels.items(), strict=True):
        handles = []
        metrics = {share: metric.at_share(share) for share in SHARES} | {100: metric}
        for i, each in enumerate(present):
            # Side by side, so that no interval hides another.
            shift = 3.0 * (i / max(1, len(present) - 1) - 0.5)
            points = [
                (float(share), interval)
                for share, shown in metrics.items()
                if (interval := scores.interval(each, shown)) is not None
            ]
            names = ("percent of the rows", title)
            look = looks[each]
            handles.append(curve(ax, points, label=each.label, names=names, look=look, shift=shift))
        level(ax, scores.chance(metric))
        ax.set_xticks([*metrics], [f"{share}%" for share in metrics])
        ax.set_title(f"mean {title}", fontsize=9)
        ax.set_xlabel("rows that the linear probe is fitted on")
    figure.axes[0].set_ylabel("share of texts")
    figure.legend(handles=handles, loc="outside right center", fontsize=8)
    return figure

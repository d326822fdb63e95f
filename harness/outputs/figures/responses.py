"""Figures of one-to-many text: what more draws of the latent bring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from harness.analysis.condition_scores import ConditionScores
from harness.analysis.metrics import Metric, MetricKey
from harness.analysis.profile_scores import ProfileScores
from harness.analysis.statistics import Interval
from harness.outputs.figures import style
from harness.outputs.figures.charts import Chart, curve

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MEASURES = (
    ("latent_use", "use of z (nats a response)"),
    ("bleu", "BLEU of one response (of 100)"),
    ("response_recall", "recall of the references (BLEU, of 100)"),
)


def charts(measured: ProfileScores) -> Iterator[Chart]:
    """For each condition use of z, quality and recall over the number of draws."""
    for condition in measured.conditions:
        yield Chart(
            name=f"{condition.slug}-draws",
            condition=condition,
            draw=partial(_over_draws, measured.at(condition)),
            caption="Use of the latent, quality and recall over K, the draws in training, 95% "
            "intervals: the most probable draw joined by a line, other uses of K draws apart",
            first=True,
        )


def _over_draws(scores: ConditionScores) -> Figure | None:
    """None where no model has several draws."""
    from matplotlib.figure import Figure

    there = [each for listed in scores.variants.values() for each in listed]
    models = [each for each in there if _comparable(scores.settings_of(each))]
    if not models:
        return None
    figure = Figure(figsize=(9.6, 3.2), layout="constrained")
    axes = figure.subplots(1, len(MEASURES))
    for ax, (name, head) in zip(axes, MEASURES, strict=True):
        lines: dict[str, list[tuple[float, Interval]]] = {}
        for each in models:
            interval = scores.interval(each, Metric.mean([MetricKey(name)]))
            settings = scores.settings_of(each)
            if interval is not None:
                lines.setdefault(settings["draws"], []).append((settings["samples"], interval))
        for number, (draws, points) in enumerate(sorted(lines.items(), reverse=True)):
            look = style.numbered(number)
            curve(
                ax, sorted(points, key=itemgetter(0)), label=draws, names=("draws", head), look=look
            )
        ax.set_xlabel("draws in training, K")
        ax.set_ylabel(head)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right center")
    return figure


def _comparable(settings: Mapping[str, Any]) -> bool:
    """Whether a model has draws to count, and nothing else is changed."""
    plain = settings.get("annealing") == "none" and not settings.get("bag_of_words")
    return "draws" in settings and plain

"""Accuracy against sparsity: whether sparser codes still tell the labels."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from harness.analysis.condition_scores import ConditionScores
from harness.analysis.metrics import Metric, MetricKey
from harness.outputs.figures import style
from harness.outputs.figures.charts import Chart, level, point
from harness.outputs.figures.style import CHANCE_COLOUR
from harness.outputs.figures.tradeoff import write_labels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HOYER, DENSE = (Metric.mean([MetricKey(name)]) for name in ("hoyer", "hoyer_dense"))


def charts(scores: ConditionScores) -> Iterator[Chart]:
    """One, where labels were read from latents."""
    labels = sorted({k.factor for k in scores.all_keys if k.metric == "latent_accuracy"})
    if labels:
        yield Chart(
            name=f"{scores.condition.slug}-sparsity",
            condition=scores.condition,
            draw=partial(_draw, scores, labels),
            caption="What a linear probe reads of each label from the latent's mean, over how "
            "sparse the mean is, 95% intervals; dashed: chance, and the sparsity of a dense "
            "Gaussian of the same size",
        )


def _draw(scores: ConditionScores, labels: list[str]) -> Figure:
    from matplotlib.figure import Figure

    models = sorted(scores.trials)
    looks = style.looks(models)
    figure = Figure(figsize=(5.2 * len(labels), 4.4), layout="constrained")
    panels = []
    for ax, label in zip(figure.subplots(1, len(labels), squeeze=False)[0], labels, strict=True):
        accuracy = Metric.mean([MetricKey("latent_accuracy", factor=label, probe="linear")])
        points = {}
        for each in models:
            along, up = scores.interval(each, HOYER), scores.interval(each, accuracy)
            if along is None or up is None:
                continue
            points[each] = along, up, up
            numbers = {"Hoyer of the mean": along, f"accuracy, {label}": up}
            point(ax, numbers, each.label, elinewidth=0.7, **looks[each])
        for chance in _values(scores, Metric.mean([MetricKey("label_chance", factor=label)])):
            level(ax, chance)
        for dense in _values(scores, DENSE):
            ax.axvline(dense, color=CHANCE_COLOUR, linestyle="--", linewidth=1, zorder=1)
        # All that it can be; intervals of few seeds go further.
        ax.set_xlim(0, 1)
        ax.set_xlabel("Hoyer of the latent's mean   sparser →")
        ax.set_ylabel(f"accuracy of {label} (mean over classes)")
        panels.append((ax, points))
    for ax, points in panels:
        write_labels(figure, ax, points, looks)
    return figure


def _values(scores: ConditionScores, metric: Metric) -> set[float]:
    """What the models have, each value once: one where they share classes, or a latent's size."""
    found = (scores.interval(each, metric) for each in scores.trials)
    return {interval.mean for interval in found if interval is not None}

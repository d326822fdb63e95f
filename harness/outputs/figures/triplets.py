"""Figures of tasks with triplets: both representations of each method in one plane, and sweeps."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from harness.analysis.condition_scores import ConditionScores
from harness.analysis.metrics import Metric
from harness.analysis.profile_scores import ProfileScores
from harness.outputs.figures import families, steps, style
from harness.outputs.figures.charts import Chart, said, say
from harness.outputs.tables.triplets import SEMANTICS, SYNTAX, measure_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def charts(measured: ProfileScores) -> Iterator[Chart]:
    """The plane of each condition, and curves over variants and steps."""
    for condition in measured.conditions:
        scores = measured.at(condition)
        yield Chart(
            name=f"{condition.slug}-semantics-syntax",
            condition=condition,
            draw=partial(plane, scores),
            caption="Pearson on STS-B against bracket F1: a line from a method's semantic "
            "representation to its syntactic one, which is hollow",
            first=True,
        )
        yield from families.charts(scores, _panels(), "correlation, or F1")
        yield from steps.charts(scores)


def plane(scores: ConditionScores) -> Figure:
    """Bracket F1 against Pearson on STS-B: a line from the semantic to the syntactic one.

    A method that parts the two reaches from the upper left to the lower right.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 4.4), layout="constrained")
    axes = figure.subplots()
    for method_variant, looks in style.looks(scores.method_variants).items():
        points, texts = [], []
        for aspect in (SEMANTICS, SYNTAX):
            x = scores.interval(method_variant, _brackets(aspect))
            y = scores.interval(method_variant, _pearson(aspect))
            if x is not None and y is not None:
                points.append((x.mean, y.mean))
                name = f"{method_variant.label}, {aspect}"
                texts.append(said(name, {"bracket F1": x, "Pearson": y}))
        if len(points) == 2:
            xs, ys = zip(*points, strict=True)
            shape: Any = looks
            (line,) = axes.plot(xs, ys, linewidth=1.2, label=method_variant.label, **shape)
            say(line, method_variant.label, texts)
            # The syntactic end is hollow.
            ends = axes.plot(xs[1], ys[1], markerfacecolor="white", linestyle="none", **shape)
            say(ends[0], "", texts[1:])
    chance = scores.chance(_brackets(SYNTAX))
    axes.axvline(chance, color=style.CHANCE_COLOUR, linewidth=1, linestyle="--")
    axes.set_xlabel("bracket F1 of the nearest neighbour's tree (dashed: a random one's)")
    axes.set_ylabel("Pearson on STS-B")
    axes.set_title(f"{scores.condition.title}: semantic (full) and syntactic (hollow)", fontsize=10)
    figure.legend(loc="outside right center", fontsize=8)
    return figure


def _panels() -> list[families.Panel]:
    return [
        (f"{title}, {aspect} representation", of(aspect))
        for title, of in (("STS-B Pearson", _pearson), ("bracket F1", _brackets))
        for aspect in (SEMANTICS, SYNTAX)
    ]


def _pearson(aspect: str) -> Metric:
    return measure_of("pearson", aspect, "stsb", own=SEMANTICS)


def _brackets(aspect: str) -> Metric:
    return measure_of("bracket_f1", aspect, "brackets", own=SYNTAX)

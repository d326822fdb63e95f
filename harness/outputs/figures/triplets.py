"""Figures of tasks with triplets: both representations of each method in one plane, and sweeps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.analysis.measurements import Measurements
from harness.analysis.quantities import Quantity, Setting, file_name
from harness.outputs.figures import families, style
from harness.outputs.tables.triplets import SEMANTICS, SYNTAX, measure_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def write(measured: Measurements, folder: Path) -> list[Path]:
    """The plane of each setting, and curves over variants."""
    written: list[Path] = []
    for setting in measured.settings:
        figure = plane(measured, setting)
        written += style.write(figure, folder, f"{setting.slug}-semantics-syntax")
        for method, contenders in measured.variants(setting).items():
            for name, curves in families.families(measured, setting, contenders).items():
                figure = families.draw(
                    measured, setting, name, curves, panels=_panels(), ylabel="correlation, or F1"
                )
                path = file_name(f"{setting.slug}-{method}-{name}")
                written += style.write(figure, folder, path)
    return written


def plane(measured: Measurements, setting: Setting) -> Figure:
    """Bracket F1 against Pearson on STS-B: a line from the semantic to the syntactic one.

    A method that parts the two reaches from the upper left to the lower right.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 4.4), layout="constrained")
    axes = figure.subplots()
    for contender, looks in style.looks(measured.contenders(setting)).items():
        points = []
        for aspect in (SEMANTICS, SYNTAX):
            x = measured.interval(setting, contender, _brackets(aspect))
            y = measured.interval(setting, contender, _pearson(aspect))
            if x is not None and y is not None:
                points.append((x.mean, y.mean))
        if len(points) == 2:
            xs, ys = zip(*points, strict=True)
            shape: Any = looks
            axes.plot(xs, ys, linewidth=1.2, label=contender.label, **shape)
            # The syntactic end is hollow.
            axes.plot(xs[1], ys[1], markerfacecolor="white", linestyle="none", **shape)
    chance = measured.chance(setting, _brackets(SYNTAX))
    axes.axvline(chance, color=style.CHANCE_COLOUR, linewidth=1, linestyle="--")
    axes.set_xlabel("bracket F1 of the nearest neighbour's tree (dashed: a random one's)")
    axes.set_ylabel("Pearson on STS-B")
    axes.set_title(f"{setting.title}: semantic (full) and syntactic (hollow)", fontsize=10)
    figure.legend(loc="outside right center", fontsize=8)
    return figure


def _panels() -> list[families.Panel]:
    return [
        (f"{title}, {aspect} representation", of(aspect))
        for title, of in (("STS-B Pearson", _pearson), ("bracket F1", _brackets))
        for aspect in (SEMANTICS, SYNTAX)
    ]


def _pearson(aspect: str) -> Quantity:
    return measure_of("pearson", aspect, "stsb", own=SEMANTICS)


def _brackets(aspect: str) -> Quantity:
    return measure_of("bracket_f1", aspect, "brackets", own=SYNTAX)

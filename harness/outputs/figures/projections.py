"""Representations in the plane, coloured by every aspect, from the pictures in the records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle, islice, product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from harness.analysis.condition_scores import ConditionScores
from harness.analysis.metrics import Condition
from harness.outputs.figures.style import COLOURS
from harness.store.records import Record

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Picture = tuple[str, Record]
"""A row label and the record whose representations are drawn."""

PANELS = 24
"""Panels in one figure at most; more methods make further figures, so that each stays small."""


def pages(scores: ConditionScores) -> list[list[Picture]]:
    """The first seed with pictures of every method, in the order of the tables."""
    found = []
    for method_variant in scores.method_variants:
        pictured = (r for r in scores.records(method_variant) if r.projections)
        found += [(method_variant.label, record) for record in islice(pictured, 1)]
    page = max(1, PANELS // max(1, len(scores.aspects) ** 2))
    return [found[i : i + page] for i in range(0, len(found), page)]


def draw(condition: Condition, pictures: Sequence[Picture]) -> Figure:
    """Rows: methods. Columns: each representation, coloured by each aspect in turn."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    aspects = sorted(pictures[0][1].projections)
    classes = pictures[0][1].classes
    palette = _palette({aspect: len(classes[aspect]) for aspect in aspects})
    columns = list(product(aspects, aspects))
    figure = Figure(
        figsize=(1.75 * len(columns) + 0.5, 1.7 * len(pictures) + 1.1), layout="constrained"
    )
    figure.suptitle(f"{condition.title}: t-SNE of evaluation texts, one seed", fontsize=10)
    axes = figure.subplots(len(pictures), len(columns), squeeze=False)
    for line, (label, record) in zip(axes, pictures, strict=True):
        for ax, (representation, aspect) in zip(line, columns, strict=True):
            ax.set(xticks=[], yticks=[], xlim=(-8, 263), ylim=(-8, 263))
            ax.spines[:].set_visible(True)
            ax.spines[:].set_color("#CCCCCC")
            if representation not in record.projections:
                continue
            points, cells = record.projection(representation)
            shades = np.array(palette[aspect])[class_codes(record, cells, aspect)]
            ax.scatter(
                points[:, 0],
                points[:, 1],
                c=shades,
                s=5,
                linewidths=0,
                antialiased=False,
                rasterized=True,
            )
        line[0].set_ylabel(label)
    for ax, (representation, aspect) in zip(axes[0], columns, strict=True):
        ax.set_title(f"{representation} representation\ncoloured by {aspect}", fontsize=8)
    handles = []
    for aspect in aspects:
        handles.append(Line2D([], [], linestyle="none", label=f"{aspect}:"))
        handles += [
            Line2D([], [], linestyle="none", marker="o", markersize=5, color=colour, label=name)
            for name, colour in zip(classes[aspect], palette[aspect], strict=True)
        ]
    figure.legend(
        handles=handles, loc="outside lower center", ncols=min(len(handles), 3 * len(columns))
    )
    return figure


def _palette(sizes: Mapping[str, int]) -> dict[str, list[str]]:
    """Colours for the classes of each aspect, different between aspects while there are enough."""
    colours = cycle(COLOURS)
    return {aspect: [next(colours) for _ in range(size)] for aspect, size in sizes.items()}


def class_codes(record: Record, cells: NDArray[np.int64], aspect: str) -> NDArray[np.int64]:
    """int64 [n]: the class of an aspect in each cell; cells are numbered row-major."""
    sizes = tuple(len(classes) for classes in record.classes.values())
    position = list(record.classes).index(aspect)
    return np.asarray(np.unravel_index(cells, sizes)[position], dtype=np.int64)

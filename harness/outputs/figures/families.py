"""Variants that differ in one number, as curves over that number.

Variants named `<stem>-<number>` form a family where there are four or more. Families of a method
whose members differ among themselves in the same one setting share a figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from harness.analysis.condition_scores import REFERENCE, ConditionScores
from harness.analysis.metrics import MethodVariant, Metric, file_name
from harness.outputs.figures import style
from harness.outputs.figures.charts import Chart, curve, level

if TYPE_CHECKING:
    from matplotlib.container import ErrorbarContainer
    from matplotlib.figure import Figure

MOST_ACROSS, ACROSS = 3, 2
"""Panels that stand in one row, and how many of more than these do."""

ENDS = {"sparsity": "closed"}
"""Setting to the variant that goes as far as it can, which is drawn as a level."""

LEAST = 4
"""Members from which on a family is drawn."""


@dataclass(frozen=True)
class Family:
    """Variants of a stem, in the order of the setting in which they differ.

    `with_default` says that the default differs from them in that setting alone, and belongs to
    the curve.
    """

    stem: str
    members: tuple[tuple[float, MethodVariant], ...]
    with_default: bool


def families(
    scores: ConditionScores, method_variants: Sequence[MethodVariant]
) -> dict[str, tuple[Family, ...]]:
    """The families among a method's variants, by the name of the setting that varies.

    The default comes first, as `ProfileScores.variants` gives them.
    """
    default, *others = method_variants
    by_stem: dict[str, list[MethodVariant]] = {}
    for method_variant in others:
        if matched := re.fullmatch(r"(.+)-\d+(?:\.\d+)?", method_variant.variant):
            by_stem.setdefault(matched[1], []).append(method_variant)
    found: dict[str, tuple[Family, ...]] = {}
    base = scores.settings_of(default)
    for stem, members in by_stem.items():
        settings = {member: scores.settings_of(member) for member in members}
        varying = [
            name
            for name in next(iter(settings.values()))
            if len({repr(s.get(name)) for s in settings.values()}) > 1
        ]
        if len(members) < LEAST or len(varying) != 1:
            continue
        (name,) = varying
        placed = sorted((float(settings[m][name]), m) for m in members)
        alike = {**settings[members[0]], name: None} == {**base, name: None}
        if alike:
            placed = sorted([(float(base[name]), default), *placed])
        found[name] = (*found.get(name, ()), Family(stem, tuple(placed), alike))
    return found


Panel = tuple[str, Metric]
"""What is drawn along y, and its metric."""


def accuracy_panels(scores: ConditionScores) -> list[Panel]:
    """Mean target accuracy, mean leakage and, where it was measured, what is kept."""
    kept = scores.mean_kept("neighbours_kept")
    measured = any(scores.by_seed(each, kept) for each in scores.values)
    return [
        ("mean target accuracy, linear probe", scores.mean_target("linear")),
        ("mean leakage, linear probe", scores.mean_leakage("linear")),
        *([("mean neighbours kept", kept)] if measured else []),
    ]


def charts(scores: ConditionScores, panels: Sequence[Panel], ylabel: str) -> Iterator[Chart]:
    """One for each method and setting that a family varies."""
    for method, method_variants in scores.variants.items():
        for name, curves in families(scores, method_variants).items():
            yield Chart(
                name=file_name(f"{scores.condition.slug}-{method}-{name}"),
                condition=scores.condition,
                draw=partial(draw, scores, name, curves, panels=panels, ylabel=ylabel),
                caption=f"{method}: {' and '.join(title for title, _ in panels)}, over "
                f"{name.replace('_', ' ')}, 95% intervals",
            )


def draw(
    scores: ConditionScores,
    name: str,
    curves: Sequence[Family],
    *,
    panels: Sequence[Panel],
    ylabel: str,
) -> Figure:
    """Metrics over a setting, a panel each and one line a family."""
    from matplotlib.figure import Figure

    across = len(panels) if len(panels) <= MOST_ACROSS else ACROSS
    down = -(-len(panels) // across)
    figure = Figure(figsize=(1.2 + 3.7 * across, 0.4 + 3.0 * down), layout="constrained")
    axes = figure.subplots(down, across, squeeze=False)
    method = curves[0].members[0][1].method
    figure.suptitle(f"{scores.condition.title}: {method}; 95% intervals", fontsize=10)
    setting = name.replace("_", " ")
    levels = {REFERENCE: MethodVariant(REFERENCE)}
    levels |= {ENDS[name]: MethodVariant(method, ENDS[name])} if name in ENDS else {}
    handles: list[ErrorbarContainer] = []
    for ax, (title, metric) in zip(axes.ravel(), panels, strict=True):
        handles = []
        for i, family in enumerate(curves):
            points = [
                (x, interval)
                for x, member in family.members
                if (interval := scores.interval(member, metric)) is not None
            ]
            label = f"{family.stem} (with default)" if family.with_default else family.stem
            handles.append(
                curve(ax, points, label=label, names=(setting, title), look=style.numbered(i))
            )
        level(ax, scores.chance(metric))
        for (label, each), dots in zip(levels.items(), (":", "-."), strict=False):
            if (known := scores.interval(each, metric)) is not None:
                level(ax, known.mean, label, style.REFERENCE_COLOUR, dots)
        ax.set_title(title, fontsize=9)
        ax.set_xlabel(setting)
    for ax in axes[:, 0]:
        ax.set_ylabel(ylabel)
    figure.legend(handles=handles, loc="outside right center")
    return figure

"""Variants that differ in one number, as curves over that number.

Variants named `<stem>-<number>` form a family where there are four or more. Families of a method
whose members differ among themselves in the same one condition share a figure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from harness.analysis.metrics import Condition, MethodVariant, Metric
from harness.analysis.profile_scores import REFERENCE, ProfileScores
from harness.outputs.figures.style import CHANCE_COLOUR, COLOURS, MARKERS, REFERENCE_COLOUR

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import ErrorbarContainer
    from matplotlib.figure import Figure

LEAST = 4
"""Members from which on a family is drawn."""


@dataclass(frozen=True)
class Family:
    """Variants of a stem, in the order of the condition in which they differ.

    `with_default` says that the default differs from them in that condition alone, and belongs to
    the curve.
    """

    stem: str
    members: tuple[tuple[float, MethodVariant], ...]
    with_default: bool


def families(
    measured: ProfileScores, condition: Condition, method_variants: Sequence[MethodVariant]
) -> dict[str, tuple[Family, ...]]:
    """The families among a method's variants, by the name of the condition that varies.

    Parameters
    ----------
    methods : the default first, as `ProfileScores.variants` gives them.
    """
    default, *others = method_variants
    by_stem: dict[str, list[MethodVariant]] = {}
    for method_variant in others:
        if matched := re.fullmatch(r"(.+)-\d+(?:\.\d+)?", method_variant.variant):
            by_stem.setdefault(matched[1], []).append(method_variant)
    found: dict[str, tuple[Family, ...]] = {}
    base = measured.settings_of(condition, default)
    for stem, members in by_stem.items():
        settings = {member: measured.settings_of(condition, member) for member in members}
        varying = [
            name
            for name in next(iter(settings.values()))
            if len({repr(s.get(name)) for s in settings.values()}) > 1
        ]
        if len(members) < LEAST or len(varying) != 1:
            continue
        (name,) = varying
        placed = sorted((float(settings[m][name]), m) for m in members)
        alike = _without(settings[members[0]], name) == _without(base, name)
        if alike:
            placed = sorted([(float(base[name]), default), *placed])
        found[name] = (*found.get(name, ()), Family(stem, tuple(placed), alike))
    return found


Panel = tuple[str, Metric]
"""A title and what is drawn along y."""


def accuracy_panels(measured: ProfileScores, condition: Condition) -> list[Panel]:
    """Mean target accuracy and mean leakage."""
    return [
        ("mean target accuracy, linear probe", measured.mean_target(condition, "linear")),
        ("mean leakage, linear probe", measured.mean_leakage(condition, "linear")),
    ]


def draw(
    measured: ProfileScores,
    condition: Condition,
    name: str,
    curves: Sequence[Family],
    *,
    panels: Sequence[Panel],
    ylabel: str,
) -> Figure:
    """Quantities over a condition, a panel each and one line a family."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(1.2 + 3.7 * len(panels), 3.4), layout="constrained")
    axes = figure.subplots(1, len(panels))
    method = curves[0].members[0][1].method
    figure.suptitle(f"{condition.title}: {method}; 95% intervals", fontsize=10)
    handles: list[ErrorbarContainer] = []
    for ax, (title, metric) in zip(axes, panels, strict=True):
        handles = [
            _curve(ax, measured, condition, family, metric, i) for i, family in enumerate(curves)
        ]
        _level(ax, measured.chance(condition, metric), "chance", CHANCE_COLOUR, "--")
        reference = measured.interval(condition, MethodVariant(REFERENCE), metric)
        if reference is not None:
            _level(ax, reference.mean, REFERENCE, REFERENCE_COLOUR, ":")
        ax.set_title(title, fontsize=9)
        ax.set_xlabel(name.replace("_", " "))
    axes[0].set_ylabel(ylabel)
    figure.legend(handles=handles, loc="outside right center")
    return figure


def _curve(
    ax: Axes,
    measured: ProfileScores,
    condition: Condition,
    family: Family,
    metric: Metric,
    number: int,
) -> ErrorbarContainer:
    points = [
        (x, interval)
        for x, member in family.members
        if (interval := measured.interval(condition, member, metric)) is not None
    ]
    reach = [
        [p.mean - p.low if p.known else 0.0 for _, p in points],
        [p.high - p.mean if p.known else 0.0 for _, p in points],
    ]
    return ax.errorbar(
        [x for x, _ in points],
        [p.mean for _, p in points],
        yerr=reach,
        linewidth=1.3,
        markersize=5,
        elinewidth=0.9,
        capsize=2,
        label=f"{family.stem} (with default)" if family.with_default else family.stem,
        color=COLOURS[number % len(COLOURS)],
        marker=MARKERS[number % len(MARKERS)],
    )


def _level(ax: Axes, value: float, label: str, colour: str, style: str) -> None:
    if not isfinite(value):
        return
    ax.axhline(value, color=colour, linewidth=1, linestyle=style, zorder=1)
    ax.annotate(
        label,
        (1.0, value),
        xycoords=("axes fraction", "data"),
        xytext=(-2, 2),
        textcoords="offset points",
        ha="right",
        fontsize=7,
        color=colour,
    )


def _without(settings: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in settings.items() if key != name}

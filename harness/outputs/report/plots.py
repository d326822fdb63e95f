"""The charts of a condition: the trade-off, and curves over correlations, steps and settings."""

from __future__ import annotations

from collections.abc import Sequence

from harness.analysis.marks import below_chance
from harness.analysis.metrics import Condition, MethodVariant, Metric
from harness.analysis.profile_scores import REFERENCE, ProfileScores
from harness.analysis.statistics import Interval
from harness.contract.heatmap_data import Heatmap
from harness.outputs.figures.families import Family, families
from harness.outputs.figures.front import front
from harness.outputs.figures.heatmaps import stored_heatmaps
from harness.outputs.report.charts import Chart, Level, Point, Series, curves, said, scatter
from harness.outputs.report.sources import anchor

STEPS_LEAST = 4
"""Columns with numbers for heads from which on a matrix is drawn as curves."""


def tradeoff(measured: ProfileScores, condition: Condition) -> Chart | None:
    """Mean target accuracy against mean leakage; None where nobody has both."""
    x, y = (f(condition, "linear") for f in (measured.mean_leakage, measured.mean_target))
    there = {}
    for method_variant in measured.method_variants(condition):
        along, up = (measured.interval(condition, method_variant, metric) for metric in (x, y))
        if along is not None and up is not None:
            there[method_variant] = (along, up)
    if not there:
        return None
    fair = set(measured.competitors(condition)) - below_chance(measured, condition, x)
    competing = {c: (along.mean, up.mean) for c, (along, up) in there.items() if c in fair}
    best = front(competing)
    stored = measured.trials.get(condition, {})
    points = [
        Point(
            name=method_variant.label,
            said=said(method_variant.label, {"leakage": along, "target accuracy": up}),
            x=along,
            y=up,
            link=anchor(condition, method_variant) if method_variant in stored else "",
            look=_look(measured, method_variant, method_variant in best),
        )
        for method_variant, (along, up) in there.items()
    ]
    return scatter(
        points,
        title="Target accuracy against leakage: linear probe, means over representations, 95% "
        "intervals. Blue, with dots between: nobody is better in both. Hollow: upper bounds, "
        "which learned from balanced rows.",
        names=("leakage (← better)", "target accuracy (better →)"),
        chance=(measured.chance(condition, x), measured.chance(condition, y)),
        front=[competing[method_variant] for method_variant in best],
    )


def over_correlations(
    measured: ProfileScores, conditions: Sequence[Condition]
) -> tuple[Chart, ...]:
    """Leakage over the correlation of the training rows, a line a method that has several."""
    lines = []
    for method_variant in sorted({c for s in conditions for c in measured.method_variants(s)}):
        points = tuple(
            (condition.correlation, interval)
            for condition in conditions
            for metric in (measured.mean_leakage(condition, "linear"),)
            if (interval := measured.interval(condition, method_variant, metric)) is not None
        )
        if len(points) > 1:
            lines.append(Series(method_variant.label, points))
    if not lines:
        return ()
    level = measured.chance(conditions[0], measured.mean_leakage(conditions[0], "linear"))
    title = "Mean leakage, linear probe, over the correlation of the training rows"
    names = ("correlation", "leakage")
    return (curves(lines, title=title, names=names, levels=[Level("chance", level)]),)


def over_steps(measured: ProfileScores, condition: Condition) -> tuple[Chart, ...]:
    """Matrices whose columns are numbers, such as training steps, as curves: a line a row."""
    found = []
    for method_variant in sorted(measured.trials.get(condition, {})):
        for grid in stored_heatmaps(measured, condition, method_variant):
            if not has_steps(grid):
                continue
            lines = [
                Series(
                    name.replace("_", " "),
                    tuple((float(x), Interval(y)) for x, y in zip(grid.columns, line, strict=True)),
                )
                for name, line in zip(grid.rows, grid.values, strict=True)
            ]
            title = f"{method_variant.label}: {grid.name}, one seed"
            found.append(curves(lines, title=title, names=("step", grid.name)))
    return tuple(found)


def over_settings(measured: ProfileScores, condition: Condition) -> tuple[Chart, ...]:
    """Curves over the variants that differ in one number."""
    found = []
    for method, method_variants in measured.variants(condition).items():
        for name, members in families(measured, condition, method_variants).items():
            for what, metric in (
                ("target accuracy", measured.mean_target(condition, "linear")),
                ("leakage", measured.mean_leakage(condition, "linear")),
            ):
                lines = _family_lines(measured, condition, members, metric)
                if not lines:
                    continue
                levels = [Level("chance", measured.chance(condition, metric))]
                reference = measured.interval(condition, MethodVariant(REFERENCE), metric)
                if reference is not None:
                    levels.append(Level(REFERENCE, reference.mean))
                title = f"{method}: mean {what}, linear probe, over {name.replace('_', ' ')}"
                names = (name.replace("_", " "), what)
                found.append(curves(lines, title=title, names=names, levels=levels))
    return tuple(found)


def _look(measured: ProfileScores, method_variant: MethodVariant, best: bool) -> str:
    if method_variant.method in measured.upper_bounds:
        return "bound"
    if method_variant.method == REFERENCE:
        return "reference"
    return "front" if best else "method"


def has_steps(grid: Heatmap) -> bool:
    """Whether a matrix is drawn as curves, its columns being numbers."""
    numbers = [text.replace(".", "", 1).isdigit() for text in grid.columns]
    return len(numbers) >= STEPS_LEAST and all(numbers)


def _family_lines(
    measured: ProfileScores, condition: Condition, members: Sequence[Family], metric: Metric
) -> list[Series]:
    lines = []
    for family in members:
        points = tuple(
            (x, interval)
            for x, method_variant in family.members
            if (interval := measured.interval(condition, method_variant, metric)) is not None
        )
        if points:
            lines.append(Series(family.stem, points))
    return lines

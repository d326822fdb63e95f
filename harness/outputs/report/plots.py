"""The charts of a setting: the trade-off, and curves over correlations, steps and settings."""

from __future__ import annotations

from collections.abc import Sequence

from harness.analysis.measurements import REFERENCE, Measurements
from harness.analysis.quantities import Contender, Quantity, Setting
from harness.analysis.statistics import Interval
from harness.contract.grids import Grid
from harness.outputs.figures.families import Family, families
from harness.outputs.figures.front import front
from harness.outputs.figures.heatmaps import grids
from harness.outputs.report.charts import Chart, Level, Point, Series, curves, said, scatter
from harness.outputs.report.sources import anchor

STEPS_LEAST = 4
"""Columns with numbers for heads from which on a matrix is drawn as curves."""


def tradeoff(measured: Measurements, setting: Setting) -> Chart | None:
    """Mean target accuracy against mean leakage; None where nobody has both."""
    x, y = (f(setting, "linear") for f in (measured.mean_leakage, measured.mean_target))
    there = {}
    for contender in measured.contenders(setting):
        along, up = (measured.interval(setting, contender, quantity) for quantity in (x, y))
        if along is not None and up is not None:
            there[contender] = (along, up)
    if not there:
        return None
    fair = set(measured.competitors(setting)) - measured.below_chance(setting, x)
    competing = {c: (along.mean, up.mean) for c, (along, up) in there.items() if c in fair}
    best = front(competing)
    stored = measured.trials.get(setting, {})
    points = [
        Point(
            name=contender.label,
            said=said(contender.label, {"leakage": along, "target accuracy": up}),
            x=along,
            y=up,
            link=anchor(setting, contender) if contender in stored else "",
            look=_look(measured, contender, contender in best),
        )
        for contender, (along, up) in there.items()
    ]
    return scatter(
        points,
        title="Target accuracy against leakage: linear probe, means over representations, 95% "
        "intervals. Blue, with dots between: nobody is better in both. Hollow: upper bounds, "
        "which learned from balanced rows.",
        names=("leakage (← better)", "target accuracy (better →)"),
        chance=(measured.chance(setting, x), measured.chance(setting, y)),
        front=[competing[contender] for contender in best],
    )


def over_correlations(measured: Measurements, settings: Sequence[Setting]) -> tuple[Chart, ...]:
    """Leakage over the correlation of the training rows, a line a method that has several."""
    lines = []
    for contender in sorted({c for s in settings for c in measured.contenders(s)}):
        points = tuple(
            (setting.correlation, interval)
            for setting in settings
            for quantity in (measured.mean_leakage(setting, "linear"),)
            if (interval := measured.interval(setting, contender, quantity)) is not None
        )
        if len(points) > 1:
            lines.append(Series(contender.label, points))
    if not lines:
        return ()
    level = measured.chance(settings[0], measured.mean_leakage(settings[0], "linear"))
    title = "Mean leakage, linear probe, over the correlation of the training rows"
    names = ("correlation", "leakage")
    return (curves(lines, title=title, names=names, levels=[Level("chance", level)]),)


def over_steps(measured: Measurements, setting: Setting) -> tuple[Chart, ...]:
    """Matrices whose columns are numbers, such as training steps, as curves: a line a row."""
    found = []
    for contender in sorted(measured.trials.get(setting, {})):
        for grid in grids(measured, setting, contender):
            if not has_steps(grid):
                continue
            lines = [
                Series(
                    name.replace("_", " "),
                    tuple((float(x), Interval(y)) for x, y in zip(grid.columns, line, strict=True)),
                )
                for name, line in zip(grid.rows, grid.values, strict=True)
            ]
            title = f"{contender.label}: {grid.name}, one seed"
            found.append(curves(lines, title=title, names=("step", grid.name)))
    return tuple(found)


def over_settings(measured: Measurements, setting: Setting) -> tuple[Chart, ...]:
    """Curves over the variants that differ in one number."""
    found = []
    for method, contenders in measured.variants(setting).items():
        for name, members in families(measured, setting, contenders).items():
            for what, quantity in (
                ("target accuracy", measured.mean_target(setting, "linear")),
                ("leakage", measured.mean_leakage(setting, "linear")),
            ):
                lines = _family_lines(measured, setting, members, quantity)
                if not lines:
                    continue
                levels = [Level("chance", measured.chance(setting, quantity))]
                reference = measured.interval(setting, Contender(REFERENCE), quantity)
                if reference is not None:
                    levels.append(Level(REFERENCE, reference.mean))
                title = f"{method}: mean {what}, linear probe, over {name.replace('_', ' ')}"
                names = (name.replace("_", " "), what)
                found.append(curves(lines, title=title, names=names, levels=levels))
    return tuple(found)


def _look(measured: Measurements, contender: Contender, best: bool) -> str:
    if contender.method in measured.upper_bounds:
        return "bound"
    if contender.method == REFERENCE:
        return "reference"
    return "front" if best else "method"


def has_steps(grid: Grid) -> bool:
    """Whether a matrix is drawn as curves, its columns being numbers."""
    numbers = [text.replace(".", "", 1).isdigit() for text in grid.columns]
    return len(numbers) >= STEPS_LEAST and all(numbers)


def _family_lines(
    measured: Measurements, setting: Setting, members: Sequence[Family], quantity: Quantity
) -> list[Series]:
    lines = []
    for family in members:
        points = tuple(
            (x, interval)
            for x, contender in family.members
            if (interval := measured.interval(setting, contender, quantity)) is not None
        )
        if points:
            lines.append(Series(family.stem, points))
    return lines

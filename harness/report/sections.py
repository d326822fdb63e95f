"""What the report shows of each setting: tables, charts, cells, matrices and sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from harness.figures.families import Family, families
from harness.figures.front import front
from harness.figures.heatmaps import grids
from harness.grids import Grid
from harness.measurements import REFERENCE, Measurements
from harness.quantities import Contender, Measure, Quantity, Setting
from harness.report.charts import Chart, Level, Point, Series, curves, said, scatter
from harness.report.sources import Source, anchors, command, hover, sources
from harness.statistics import Interval, mean_interval
from harness.tables import content, variants
from harness.tables.columns import mean_columns, representation_columns
from harness.tables.layout import (
    MISSING,
    Cell,
    Column,
    Row,
    Table,
    decimal,
    interval_text,
    quantity_text,
)

STEPS_LEAST = 4
"""Columns with numbers for heads from which on a matrix is drawn as curves."""


@dataclass(frozen=True)
class Shown:
    """A table of the page.

    Attributes
    ----------
    name : for its caption.
    links : text of a row's first key to the anchor of its sources.
    hovers : the same to what its numbers come from.
    remarks : what a reader needs to know to read it.
    shaded : whether cells are shaded by their numbers, which then lie between 0 and 1.
    """

    name: str
    table: Table
    links: dict[str, str]
    hovers: dict[str, str]
    remarks: tuple[str, ...] = ()
    shaded: bool = False


@dataclass(frozen=True)
class Section:
    """Everything about one setting, from what matters most to the details."""

    setting: Setting
    summary: Shown
    tradeoff: Chart | None
    details: tuple[Shown, ...]
    cells: tuple[Shown, ...]
    matrices: tuple[tuple[str, tuple[Grid, ...]], ...]
    charts: tuple[Chart, ...]
    sources: tuple[Source, ...]
    command: str


def section(measured: Measurements, setting: Setting, profile: str) -> Section:
    """The section of a setting."""
    own = content.own_scores(measured, setting)
    details = [
        _shown(measured, setting, f"{aspect} representation", table)
        for aspect in measured.aspects(setting)
        for table in (
            content.comparison(
                measured, setting, "", representation_columns(measured, setting, aspect)
            ),
        )
    ]
    for document in variants.documents(measured, setting):
        method = document.tables[0]
        details.append(_variants(measured, setting, document.title, method, document.remarks))
    details.append(_shown(measured, setting, "Cost beside quality", _cost(measured, setting)))
    if own is not None:
        details.append(_shown(measured, setting, "What methods report of themselves", own.tables[0]))
    return Section(
        setting=setting,
        summary=_summary(measured, setting),
        tradeoff=tradeoff(measured, setting),
        details=tuple(details),
        cells=_cells(measured, setting),
        matrices=_matrices(measured, setting),
        charts=(*_family_charts(measured, setting), *_training_charts(measured, setting)),
        sources=sources(measured, setting),
        command=command(profile, setting),
    )


def tradeoff(measured: Measurements, setting: Setting) -> Chart | None:
    """Mean target accuracy against mean leakage; None where nobody has both."""
    if not measured.aspects(setting):
        return None
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
    links = anchors(measured, setting)
    points = [
        Point(
            name=contender.label,
            said=said(contender.label, {"leakage": along, "target accuracy": up}),
            x=along,
            y=up,
            link=links.get(contender.label, ""),
            look=_look(measured, contender, contender in best),
        )
        for contender, (along, up) in there.items()
    ]
    return scatter(
        points,
        title=f"{setting.title}: target accuracy against leakage, linear probe, means over "
        "representations; 95% intervals",
        names=("leakage (← better)", "target accuracy (better →)"),
        chance=(measured.chance(setting, x), measured.chance(setting, y)),
        front=[competing[contender] for contender in best],
    )


def correlation_charts(measured: Measurements) -> tuple[Chart, ...]:
    """Leakage over the correlation of the training rows, where a task has several."""
    by_place: dict[tuple[str, str], list[Setting]] = {}
    for setting in measured.settings:
        if measured.aspects(setting):
            by_place.setdefault((setting.task, setting.backbone), []).append(setting)
    found = []
    for (task, backbone), settings in sorted(by_place.items()):
        if len(settings) < 2:
            continue
        lines = []
        for contender in sorted({c for s in settings for c in measured.contenders(s)}):
            points = tuple(
                (setting.correlation, interval)
                for setting in settings
                if (q := measured.mean_leakage(setting, "linear"))
                and (interval := measured.interval(setting, contender, q)) is not None
            )
            if len(points) > 1:
                lines.append(Series(contender.label, points))
        if lines:
            level = measured.chance(settings[0], measured.mean_leakage(settings[0], "linear"))
            found.append(
                curves(
                    lines,
                    title=f"{task}, {backbone}: mean leakage, linear probe, over the correlation "
                    "of the training rows",
                    names=("correlation", "leakage"),
                    levels=[Level("chance", level)],
                )
            )
    return tuple(found)


def _summary(measured: Measurements, setting: Setting) -> Shown:
    if not measured.aspects(setting):
        return _shown(measured, setting, "Summary", _every_metric(measured, setting))
    table = content.comparison(measured, setting, "", mean_columns(measured, setting))
    several = len(measured.aspects(setting)) > 2
    return _shown(
        measured, setting, "Summary", table, remarks=content.remarks([table], several=several)
    )


def _shown(
    measured: Measurements,
    setting: Setting,
    name: str,
    table: Table,
    *,
    remarks: tuple[str, ...] = (),
    shaded: bool = False,
) -> Shown:
    there = measured.trials.get(setting, {})
    hovers = {contender.label: hover(measured, setting, contender) for contender in there}
    return Shown(name, table, anchors(measured, setting), hovers, remarks, shaded)


def _variants(
    measured: Measurements, setting: Setting, title: str, table: Table, remarks: tuple[str, ...]
) -> Shown:
    """A table of variants: its rows name the variant alone."""
    method = title.rpartition(" ")[2]
    named = {
        contender.variant: contender
        for contender in measured.trials.get(setting, {})
        if contender.method == method
    }
    named[REFERENCE] = Contender(REFERENCE)
    links = anchors(measured, setting)
    return Shown(
        name=f"Variants of {method}",
        table=table,
        links={name: links[c.label] for name, c in named.items() if c.label in links},
        hovers={name: hover(measured, setting, c) for name, c in named.items()},
        remarks=remarks,
    )


def _cost(measured: Measurements, setting: Setting) -> Table:
    """Costs, and what they buy: target accuracy and leakage where a setting has aspects."""
    bought: list[tuple[Column, Quantity]] = []
    if measured.aspects(setting):
        bought = [
            (Column("target accuracy ↑"), measured.mean_target(setting, "linear")),
            (Column("leakage ↓"), measured.mean_leakage(setting, "linear")),
        ]
    rows = []
    for contender in measured.contenders(setting):
        cells = []
        for _, quantity in bought:
            interval = measured.interval(setting, contender, quantity)
            cells.append(Cell(interval_text(interval), interval))
        for metric, _, unit in content.COSTS:
            seeds = measured.by_seed(setting, contender, Quantity.mean([Measure(metric)]))
            cost = mean_interval(list(seeds.values())) if seeds else None
            cells.append(Cell(quantity_text(cost.mean, unit) if cost else MISSING, cost))
        rows.append(Row((contender.label,), tuple(cells)))
    heads = (*(column for column, _ in bought), *(Column(head) for _, head, _ in content.COSTS))
    return Table("", ("method",), heads, tuple(rows))


def _every_metric(measured: Measurements, setting: Setting) -> Table:
    """Everything measured in a setting without aspects, costs apart; every variant is a row."""
    costs = {metric for metric, _, _ in content.COSTS}
    there = {*measured.values.get(setting, {}), *measured.trials.get(setting, {})}
    measures = sorted(
        {m for c in there for m in measured.measures(setting, c) if m.metric not in costs}
    )
    rows = []
    for contender in sorted(there):
        cells = [Cell(str(len(measured.trials.get(setting, {}).get(contender, {}))))]
        for measure in measures:
            interval = measured.interval(setting, contender, Quantity.mean([measure]))
            cells.append(Cell(interval_text(interval), interval))
        rows.append(Row((contender.label,), tuple(cells)))
    heads = tuple(
        Column(" ".join(filter(None, (m.metric.replace("_", " "), m.factor, m.probe))), m.representation)
        for m in measures
    )
    return Table("", ("method",), (Column("seeds"), *heads), tuple(rows))


def _cells(measured: Measurements, setting: Setting) -> tuple[Shown, ...]:
    """For each representation what the correlated classifier is worth in each cell."""
    found = []
    for aspect in measured.aspects(setting):
        values: dict[Contender, dict[str, list[float]]] = {}
        for contender in measured.contenders(setting):
            for record in measured.trials.get(setting, {}).get(contender, {}).values():
                for cell, accuracy in record.cell_accuracy.get(aspect, {}).items():
                    values.setdefault(contender, {}).setdefault(cell, []).append(accuracy)
        names = sorted({cell for by_cell in values.values() for cell in by_cell})
        if not names:
            continue
        rows = []
        for contender, by_cell in values.items():
            cells = []
            for name in names:
                interval = mean_interval(by_cell[name]) if name in by_cell else None
                cells.append(Cell(decimal(interval.mean) if interval else MISSING, interval))
            rows.append(Row((contender.label,), tuple(cells)))
        table = Table("", ("method",), tuple(Column(name) for name in names), tuple(rows))
        remark = (
            f"Share of the evaluation rows of each cell whose {aspect} a linear classifier tells "
            "that was trained on the correlated rows; the rest are taken for another class. Means "
            "over seeds."
        )
        title = f"Cell by cell: {aspect}"
        found.append(_shown(measured, setting, title, table, remarks=(remark,), shaded=True))
    return tuple(found)


def _matrices(
    measured: Measurements, setting: Setting
) -> tuple[tuple[str, tuple[Grid, ...]], ...]:
    """What contenders measured on themselves as matrices, those over steps left out."""
    found = []
    for contender in measured.contenders(setting):
        shown = tuple(g for g in grids(measured, setting, contender) if not _over_steps(g))
        if shown:
            found.append((contender.label, shown))
    return tuple(found)


def _training_charts(measured: Measurements, setting: Setting) -> tuple[Chart, ...]:
    """Matrices whose columns are numbers, such as training steps, as curves: a line a row."""
    found = []
    for contender in sorted(measured.trials.get(setting, {})):
        for grid in grids(measured, setting, contender):
            if not _over_steps(grid):
                continue
            lines = [
                Series(name, tuple((float(x), Interval(y)) for x, y in zip(grid.columns, line, strict=True)))
                for name, line in zip(grid.rows, grid.values, strict=True)
            ]
            title = f"{contender.label}: {grid.name}, one seed"
            found.append(curves(lines, title=title, names=("step", grid.name)))
    return tuple(found)


def _over_steps(grid: Grid) -> bool:
    numbers = [text.replace(".", "", 1).isdigit() for text in grid.columns]
    return len(numbers) >= STEPS_LEAST and all(numbers)


def _family_charts(measured: Measurements, setting: Setting) -> tuple[Chart, ...]:
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


def _family_lines(
    measured: Measurements, setting: Setting, members: Sequence[Family], quantity: Quantity
) -> list[Series]:
    lines = []
    for family in members:
        points = tuple(
            (x, interval)
            for x, contender in family.members
            if (interval := measured.interval(setting, contender, quantity)) is not None
            and isfinite(interval.mean)
        )
        if points:
            lines.append(Series(family.stem, points))
    return lines


def _look(measured: Measurements, contender: Contender, best: bool) -> str:
    if contender.method in measured.upper_bounds:
        return "bound"
    if contender.method == REFERENCE:
        return "reference"
    return "front" if best else "method"

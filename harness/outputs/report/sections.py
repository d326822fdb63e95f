"""What the report shows of each setting: tables, charts, cells, matrices and sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module

from harness.analysis.measurements import REFERENCE, Measurements
from harness.analysis.quantities import Contender, Measure, Quantity, Setting, file_name
from harness.analysis.statistics import mean_interval
from harness.contract.grids import Grid
from harness.outputs.figures.heatmaps import grids
from harness.outputs.report import plots
from harness.outputs.report.charts import Chart
from harness.outputs.report.sources import Source, anchor, command, hover, sources
from harness.outputs.tables import content, variants
from harness.outputs.tables.columns import mean_columns, representation_columns
from harness.outputs.tables.layout import (
    MISSING,
    Cell,
    Column,
    Document,
    Row,
    Table,
    decimal,
    interval_text,
    quantity_text,
)
from harness.store.records import FIRST_KIND


@dataclass(frozen=True)
class Shown:
    """A table of the page.

    Attributes
    ----------
    name : for its caption.
    links : for each row the anchor of its sources; empty for none.
    hovers : for each row the records that its numbers come from.
    remarks : what a reader needs to know to read it.
    shaded : whether cells are shaded by their numbers, which then lie between 0 and 1.
    """

    name: str
    table: Table
    links: tuple[str, ...]
    hovers: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    shaded: bool = False


@dataclass(frozen=True)
class Section:
    """Everything about one task, from what matters most to the details.

    Attributes
    ----------
    name : its anchor within the page.
    matrices : title and matrices of each method that measured some on itself.
    command : what runs the missing trials.
    """

    title: str
    name: str
    summary: tuple[Shown, ...]
    tradeoff: Chart | None
    details: tuple[Shown, ...]
    matrices: tuple[tuple[str, tuple[Grid, ...]], ...]
    charts: tuple[Chart, ...]
    sources: tuple[Source, ...]
    command: str


def sections(measured: Measurements, profile: str) -> tuple[Section, ...]:
    """One section for each task with aspects and each backbone, then one for each other kind."""
    found: list[Section] = []
    for kind, part in measured.by_kind().items():
        if kind == FIRST_KIND:
            found += [_of_aspects(part, setting, profile) for setting in part.main_settings]
        else:
            found.append(_of_kind(part, kind, profile))
    return tuple(found)


def _of_aspects(measured: Measurements, setting: Setting, profile: str) -> Section:
    """The section of a setting, and of the same task and backbone at other correlations."""
    alike = [
        other
        for other in measured.settings
        if (other.task, other.backbone) == (setting.task, setting.backbone)
    ]
    details = [
        _shown(
            measured,
            setting,
            f"{aspect} representation",
            content.comparison(
                measured, setting, "", representation_columns(measured, setting, aspect)
            ),
        )
        for aspect in measured.aspects(setting)
    ]
    details += [*_cells(measured, setting), _cost(measured, setting)]
    for document in variants.documents(
        measured, setting, variants.accuracy_columns(measured, setting)
    ):
        details += _variants(measured, setting, document)
    details += [_means(measured, other, other.title) for other in alike if other != setting]
    if (own := content.own_scores(measured, setting)) is not None:
        details.append(
            _shown(measured, setting, "What methods report of themselves", own.tables[0])
        )
    return Section(
        title=setting.title,
        name=setting.slug,
        summary=(_means(measured, setting, "Means over representations"),),
        tradeoff=plots.tradeoff(measured, setting),
        details=tuple(details),
        matrices=_matrices(measured, setting),
        charts=(
            *plots.over_correlations(measured, alike),
            *plots.over_settings(measured, setting),
            *plots.over_steps(measured, setting),
        ),
        sources=tuple(source for other in alike for source in sources(measured, other)),
        command=command(profile, setting),
    )


def _of_kind(measured: Measurements, kind: str, profile: str) -> Section:
    """The section of a kind of task that has tables of its own."""
    made = import_module(f"harness.outputs.tables.{kind}")
    summary = made.summary(measured)
    above = [table.rows for table in summary.tables]
    documents = [
        (d.title, table, d.remarks)
        for d in made.documents(measured)
        for table in d.tables
        if table.rows not in above
    ]
    settings = measured.settings
    return Section(
        title=made.TITLE,
        name=file_name(f"kind-{kind}"),
        summary=tuple(_of_settings(measured, t.title, t, summary.remarks) for t in summary.tables),
        tradeoff=None,
        details=tuple(
            _of_settings(measured, f"{title}: {table.title}".removesuffix(": "), table, remarks)
            for title, table, remarks in documents
        ),
        matrices=tuple(found for s in settings for found in _matrices(measured, s)),
        charts=tuple(chart for s in settings for chart in plots.over_steps(measured, s)),
        sources=tuple(source for s in settings for source in sources(measured, s)),
        command="; ".join(dict.fromkeys(command(profile, setting) for setting in settings)),
    )


def _of_settings(
    measured: Measurements, title: str, table: Table, remarks: tuple[str, ...]
) -> Shown:
    """A table of another kind, whose title names the setting that it is about."""
    about = [setting for setting in measured.settings if setting.title in title]
    return _shown(measured, (about or measured.settings)[0], title, table, remarks=remarks)


def _means(measured: Measurements, setting: Setting, name: str) -> Shown:
    """Means over representations, all columns."""
    table = content.comparison(measured, setting, "", mean_columns(measured, setting))
    several = len(measured.aspects(setting)) > 2
    remarks = content.remarks([table], several=several)
    return _shown(measured, setting, name, table, remarks=remarks)


def _shown(
    measured: Measurements,
    setting: Setting,
    name: str,
    table: Table,
    *,
    remarks: tuple[str, ...] = (),
    shaded: bool = False,
) -> Shown:
    named = {contender.label: contender for contender in measured.trials.get(setting, {})}
    return _linked(measured, setting, name, table, named, remarks=remarks, shaded=shaded)


def _linked(
    measured: Measurements,
    setting: Setting,
    name: str,
    table: Table,
    named: Mapping[str, Contender],
    *,
    remarks: tuple[str, ...] = (),
    shaded: bool = False,
) -> Shown:
    """A table with the sources of each row, whose first key is among `named`."""
    links, hovers = [], []
    for row in table.rows:
        contender = named.get(row.keys[0])
        there = contender is not None and contender in measured.trials.get(setting, {})
        links.append(anchor(setting, contender) if contender and there else "")
        hovers.append(hover(measured, setting, contender) if contender and there else "")
    return Shown(name, table, tuple(links), tuple(hovers), remarks, shaded)


def _variants(measured: Measurements, setting: Setting, document: Document) -> list[Shown]:
    """A table of variants, whose rows name the variant alone, and their pairs with the default."""
    method = document.title.rpartition(" ")[2]
    named = {
        name: contender
        for contender in measured.trials.get(setting, {})
        if contender.method == method
        for name in (contender.variant, contender.label)
    }
    named[REFERENCE] = Contender(REFERENCE)
    title = f"Variants of {method}"
    return [
        _linked(
            measured,
            setting,
            f"{title}: {table.title}".removesuffix(": "),
            table,
            named,
            remarks=document.remarks,
        )
        for table in document.tables
    ]


def _cost(measured: Measurements, setting: Setting) -> Shown:
    """Costs beside what they buy."""
    bought = (
        (Column("target accuracy ↑"), measured.mean_target(setting, "linear")),
        (Column("leakage ↓"), measured.mean_leakage(setting, "linear")),
    )
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
    table = Table("", ("method",), heads, tuple(rows))
    remark = "Means over seeds; times and memory are those of the machines named under sources."
    return _shown(measured, setting, "Cost beside quality", table, remarks=(remark,))


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


def _matrices(measured: Measurements, setting: Setting) -> tuple[tuple[str, tuple[Grid, ...]], ...]:
    """What contenders measured on themselves as matrices, those over steps left out."""
    found = []
    for contender in measured.contenders(setting):
        shown = tuple(g for g in grids(measured, setting, contender) if not plots.has_steps(g))
        if shown:
            found.append((contender.label, shown))
    return tuple(found)

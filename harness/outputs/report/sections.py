"""What the report shows of each condition: tables, charts, cells, matrices and sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module

from markupsafe import Markup

from harness.analysis.metrics import Condition, MethodVariant, file_name
from harness.analysis.profile_scores import REFERENCE, ProfileScores
from harness.analysis.statistics import mean_interval
from harness.contract.heatmap_data import Heatmap
from harness.outputs import figures
from harness.outputs.figures import svg
from harness.outputs.figures.charts import Chart
from harness.outputs.figures.heatmaps import stored_heatmaps
from harness.outputs.figures.steps import has_steps
from harness.outputs.report.sources import anchor, command, hover, sources
from harness.outputs.tables import content, correlation, variants
from harness.outputs.tables.cells import MISSING, decimal, interval_cell
from harness.outputs.tables.columns import representation_columns
from harness.outputs.tables.layout import Cell, Column, Document, Row, Table
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


Section = dict[str, object]
"""What the page's template shows of one task, from what matters most to the details."""


def sections(measured: ProfileScores, profile: str) -> tuple[Section, ...]:
    """One section for each task with aspects and each backbone, then one for each other kind."""
    found: list[Section] = []
    for kind, part in measured.by_kind().items():
        charts = list(figures.charts(kind, part))
        if kind == FIRST_KIND:
            found += [_of_aspects(part, each, profile, charts) for each in part.main_conditions]
        else:
            found.append(_of_kind(part, kind, profile, charts))
    return tuple(found)


def _of_aspects(
    measured: ProfileScores, condition: Condition, profile: str, charts: list[Chart]
) -> Section:
    """The section of a condition, and of the same task and backbone at other correlations.

    `first` are charts above the tables, `charts` those that are folded away below them; `command`
    runs the missing trials.
    """
    alike = [
        other
        for other in measured.conditions
        if (other.task, other.backbone) == (condition.task, condition.backbone)
    ]
    details = [
        _shown(measured, condition, t.title, t, remarks=content.remarks([t], several=False))
        for t in content.further(measured, condition)
    ]
    for aspect in measured.aspects(condition):
        columns = representation_columns(measured, condition, aspect)
        table = content.comparison(measured, condition, "", columns)
        remarks = content.signs([table])
        name = f"{aspect} representation"
        details.append(_shown(measured, condition, name, table, remarks=remarks))
    details += [*_cells(measured, condition), _cost(measured, condition)]
    if (removed := correlation.document(measured, condition)) is not None:
        name, table = correlation.TITLE.capitalize(), removed.tables[0]
        details.append(_shown(measured, condition, name, table, remarks=removed.remarks))
    accuracies = variants.accuracy_columns(measured, condition)
    for document in variants.documents(measured, condition, accuracies):
        details += _variants(measured, condition, document)
    details += [_means(measured, other, other.title) for other in alike if other != condition]
    if (own := content.own_scores(measured, condition)) is not None:
        title = "What methods report of themselves"
        details.append(_shown(measured, condition, title, own.tables[0]))
    here = [chart for chart in charts if chart.condition in alike]
    return {
        "title": condition.title,
        "name": condition.slug,
        "summary": (_means(measured, condition, "Means over representations"),),
        "first": _pictures(measured, here, first=True),
        "details": tuple(details),
        "matrices": _matrices(measured, condition),
        "charts": _pictures(measured, here, first=False),
        "sources": tuple(source for other in alike for source in sources(measured, other)),
        "command": command(profile, condition),
    }


def _of_kind(measured: ProfileScores, kind: str, profile: str, charts: list[Chart]) -> Section:
    """The section of a kind of task that has tables of its own."""
    made = import_module(f"harness.outputs.tables.{kind}")
    summary = made.summary(measured)
    above = [table.rows for table in summary.tables]
    conditions = measured.conditions
    return {
        "title": made.TITLE,
        "name": file_name(f"kind-{kind}"),
        "summary": tuple(_placed(measured, t.title, t, summary.remarks) for t in summary.tables),
        "first": _pictures(measured, charts, first=True),
        "details": tuple(
            _placed(measured, f"{d.title}: {table.title}".removesuffix(": "), table, d.remarks)
            for d in made.documents(measured)
            for table in d.tables
            if table.rows not in above
        ),
        "matrices": tuple(found for s in conditions for found in _matrices(measured, s)),
        "charts": _pictures(measured, charts, first=False),
        "sources": tuple(source for s in conditions for source in sources(measured, s)),
        "command": "; ".join(
            dict.fromkeys(command(profile, condition) for condition in conditions)
        ),
    }


def _pictures(
    measured: ProfileScores, charts: list[Chart], *, first: bool
) -> list[dict[str, str | Markup]]:
    """The charts for one place of a section; their points lead to the sources of the methods."""
    found = []
    for chart in charts:
        if chart.caption and chart.first is first and (figure := chart.draw()) is not None:
            stored = measured.trials.get(chart.condition, {})
            links = {each.label: anchor(chart.condition, each) for each in stored}
            name = f"chart-{chart.name}"
            # The drawing escapes its own texts.
            drawing = Markup(svg.in_page(figure, name, links))
            found.append({"name": name, "caption": chart.caption, "drawing": drawing})
    return found


def _placed(measured: ProfileScores, title: str, table: Table, remarks: tuple[str, ...]) -> Shown:
    """A table of another kind, whose title names the condition that it is about."""
    about = [condition for condition in measured.conditions if condition.title in title]
    return _shown(measured, (about or measured.conditions)[0], title, table, remarks=remarks)


def _means(measured: ProfileScores, condition: Condition, name: str) -> Shown:
    """Means over representations, the columns that say most."""
    table = content.summary(measured, condition, "")
    several = len(measured.aspects(condition)) > 2
    remarks = content.remarks([table], several=several)
    return _shown(measured, condition, name, table, remarks=remarks)


def _shown(
    measured: ProfileScores,
    condition: Condition,
    name: str,
    table: Table,
    *,
    named: Mapping[str, MethodVariant] | None = None,
    remarks: tuple[str, ...] = (),
    shaded: bool = False,
) -> Shown:
    """A table with the sources of each row, whose first key is among `named`, or else a label."""
    stored = measured.trials.get(condition, {})
    named = {each.label: each for each in stored} if named is None else named
    rows = [named.get(row.keys[0]) for row in table.rows]
    there = [each if each in stored else None for each in rows]
    return Shown(
        name,
        table,
        tuple(anchor(condition, each) if each else "" for each in there),
        tuple(hover(measured, condition, each) if each else "" for each in there),
        remarks,
        shaded,
    )


def _variants(measured: ProfileScores, condition: Condition, document: Document) -> list[Shown]:
    """A table of variants, whose rows name the variant alone, and their pairs with the default."""
    method = document.title.rpartition(" ")[2]
    named = {
        name: method_variant
        for method_variant in measured.trials.get(condition, {})
        if method_variant.method == method
        for name in (method_variant.variant, method_variant.label)
    }
    named[REFERENCE] = MethodVariant(REFERENCE)
    return [
        _shown(
            measured,
            condition,
            f"Variants of {method}: {table.title}".removesuffix(": "),
            table,
            named=named,
            remarks=document.remarks,
        )
        for table in document.tables
    ]


def _cost(measured: ProfileScores, condition: Condition) -> Shown:
    """Costs beside what they buy."""
    bought = {
        "target accuracy ↑": measured.mean_target(condition, "linear"),
        "leakage ↓": measured.mean_leakage(condition, "linear"),
    }
    rows = []
    for each in measured.method_variants(condition):
        gains = (measured.interval(condition, each, metric) for metric in bought.values())
        costs = content.cost_cells(measured, condition, each)
        apart = each.method in measured.apart
        rows.append(Row((each.label,), (*map(interval_cell, gains), *costs), apart=apart))
    heads = (*bought, *(head for _, head, _ in content.COSTS))
    table = Table("", ("method",), tuple(map(Column, heads)), tuple(rows))
    remark = "Means over seeds; times and memory are those of the machines named under sources."
    return _shown(measured, condition, "Cost beside quality", table, remarks=(remark,))


def _cells(measured: ProfileScores, condition: Condition) -> tuple[Shown, ...]:
    """For each representation what the correlated classifier is worth in each cell."""
    found = []
    for aspect in measured.aspects(condition):
        values: dict[MethodVariant, dict[str, list[float]]] = {}
        for each in measured.method_variants(condition):
            for record in measured.records(condition, each):
                for cell, accuracy in record.cell_accuracy.get(aspect, {}).items():
                    values.setdefault(each, {}).setdefault(cell, []).append(accuracy)
        names = sorted({cell for by_cell in values.values() for cell in by_cell})
        if not names:
            continue
        rows = []
        for each, by_cell in values.items():
            means = [mean_interval(by_cell[name]) if name in by_cell else None for name in names]
            cells = (Cell(decimal(mean.mean) if mean else MISSING, mean) for mean in means)
            rows.append(Row((each.label,), tuple(cells), apart=each.method in measured.apart))
        table = Table("", ("method",), tuple(Column(name) for name in names), tuple(rows))
        remark = (
            f"Share of the evaluation rows of each cell whose {aspect} is predicted correctly by a "
            "linear classifier that was trained on the correlated rows. Means over seeds."
        )
        title = f"Cell by cell: {aspect}"
        found.append(_shown(measured, condition, title, table, remarks=(remark,), shaded=True))
    return tuple(found)


def _matrices(
    measured: ProfileScores, condition: Condition
) -> tuple[tuple[str, tuple[Heatmap, ...]], ...]:
    """What methods measured on themselves as matrices, those over steps left out."""
    found = []
    for each in measured.method_variants(condition):
        grids = stored_heatmaps(measured, condition, each)
        if shown := tuple(grid for grid in grids if not has_steps(grid)):
            found.append((each.label, shown))
    return tuple(found)

"""What the report shows of each condition: tables, charts, cells, matrices and sources."""

from dataclasses import dataclass
from importlib import import_module

from markupsafe import Markup

from harness.analysis.condition_scores import ConditionScores
from harness.analysis.metrics import MethodVariant, file_name
from harness.analysis.profile_scores import ProfileScores
from harness.analysis.statistics import mean_interval
from harness.contract.heatmap_data import Heatmap
from harness.outputs import figures
from harness.outputs.figures import svg
from harness.outputs.figures.charts import Chart
from harness.outputs.figures.heatmaps import matrices
from harness.outputs.report.sources import anchor, command, hover, sources, whole
from harness.outputs.sizes import Sizes, charts, documents
from harness.outputs.tables import content, correlation, variants
from harness.outputs.tables.cells import MISSING, decimal, interval_cell
from harness.outputs.tables.columns import representation_columns
from harness.outputs.tables.layout import Cell, Column, Table
from harness.store.records import FIRST_KIND


@dataclass(frozen=True)
class Shown:
    """A table of the page.

    `links` have for each row the anchor of its sources, empty for none, and `hovers` the records
    that its numbers come from. Cells that are `shaded` have numbers between 0 and 1.
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
            found += [_of_aspects(part.at(s), profile, charts) for s in part.main_conditions]
        else:
            found.append(_of_kind(part, kind, profile, charts))
    return tuple(found)


def of_sizes(sizes: Sizes | None, measured: ProfileScores, profile: str) -> tuple[Section, ...]:
    """The section of a profile beside that of a smaller backbone; none where not both are there."""
    return tuple(
        {
            "title": document.title,
            "name": document.name,
            "first": _pictures(measured, charts(sizes), first=True),
            "summary": tuple(
                Shown(t.title, t, ("",) * len(t.rows), ("",) * len(t.rows), document.remarks)
                for t in document.tables
            ),
            **dict.fromkeys(("details", "matrices", "charts", "sources"), ()),
            "command": whole(profile),
        }
        for document in documents(sizes)
    )


def _of_aspects(scores: ConditionScores, profile: str, charts: list[Chart]) -> Section:
    """The section of a condition, and of the same task and backbone at other correlations.

    `first` are charts above the tables, `charts` those that are folded away below them; `command`
    runs the missing trials.
    """
    profile_scores, place = scores.profile, scores.condition._replace(correlation=0.0)
    alike = [
        other for other in profile_scores.conditions if other._replace(correlation=0.0) == place
    ]
    details = [
        _shown(scores, t.title, t, remarks=content.remarks([t], several=False))
        for t in content.further(scores)
    ]
    for aspect in scores.aspects:
        columns = representation_columns(scores, aspect)
        table = content.comparison(scores, "", columns)
        remarks = content.signs([table])
        name = f"{aspect} representation"
        details.append(_shown(scores, name, table, remarks=remarks))
    details += [*_cells(scores), _cost(scores)]
    if (removed := correlation.document(scores)) is not None:
        name, table = correlation.TITLE.capitalize(), removed.tables[0]
        details.append(_shown(scores, name, table, remarks=removed.remarks))
    accuracies = variants.accuracy_columns(scores)
    for document in variants.documents(scores, accuracies):
        method = document.title.rpartition(" ")[2]
        for t in document.tables:
            title = f"Variants of {method}: {t.title}".removesuffix(": ")
            details.append(_shown(scores, title, t, remarks=document.remarks))
    others = (other for other in alike if other != scores.condition)
    details += [_means(profile_scores.at(other), other.title) for other in others]
    if (own := content.own_scores(scores)) is not None:
        title = "What methods report of themselves"
        details.append(_shown(scores, title, own.tables[0]))
    here = [chart for chart in charts if chart.condition in alike]
    return {
        "title": scores.condition.title,
        "name": scores.condition.slug,
        "summary": (_means(scores, "Means over representations"),),
        "first": _pictures(profile_scores, here, first=True),
        "details": tuple(details),
        "matrices": _matrices(scores),
        "charts": _pictures(profile_scores, here, first=False),
        "sources": tuple(s for other in alike for s in sources(profile_scores.at(other))),
        "command": command(profile, scores.condition),
    }


def _of_kind(measured: ProfileScores, kind: str, profile: str, charts: list[Chart]) -> Section:
    """The section of a kind of task that has tables of its own."""
    made = import_module(f"harness.outputs.tables.{kind}")
    summary = made.summary(measured)
    above = [table.rows for table in summary.tables]
    conditions = [measured.at(condition) for condition in measured.conditions]
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
        "matrices": tuple(found for s in conditions for found in _matrices(s)),
        "charts": _pictures(measured, charts, first=False),
        "sources": tuple(source for s in conditions for source in sources(s)),
        "command": "; ".join(
            dict.fromkeys(command(profile, condition) for condition in measured.conditions)
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
    condition = max(about or measured.conditions[:1], key=lambda each: len(each.title))
    return _shown(measured.at(condition), title, table, remarks=remarks)


def _means(scores: ConditionScores, name: str) -> Shown:
    """Means over representations, the columns that say most."""
    table = content.summary(scores, "")
    several = len(scores.aspects) > 2
    remarks = content.remarks([table], several=several)
    return _shown(scores, name, table, remarks=remarks)


def _shown(
    scores: ConditionScores,
    name: str,
    table: Table,
    *,
    remarks: tuple[str, ...] = (),
    shaded: bool = False,
) -> Shown:
    """A table with the sources of each row."""
    there = [row.of if row.of in scores.trials else None for row in table.rows]
    return Shown(
        name,
        table,
        tuple(anchor(scores.condition, each) if each else "" for each in there),
        tuple(hover(scores, each) if each else "" for each in there),
        remarks,
        shaded,
    )


def _cost(scores: ConditionScores) -> Shown:
    """Costs beside what they buy."""
    bought = {
        "target accuracy ↑": scores.mean_target("linear"),
        "leakage ↓": scores.mean_leakage("linear"),
    }
    rows = []
    for each in scores.method_variants:
        gains = (scores.interval(each, metric) for metric in bought.values())
        costs = content.cost_cells(scores, each)
        rows.append(content.method_row(scores, each, (*map(interval_cell, gains), *costs)))
    heads = (*bought, *(head for _, head, _ in content.COSTS))
    table = Table("", ("method",), tuple(map(Column, heads)), tuple(rows))
    remark = "Means over seeds; times and memory are those of the machines named under sources."
    return _shown(scores, "Cost beside quality", table, remarks=(remark,))


def _cells(scores: ConditionScores) -> tuple[Shown, ...]:
    """For each representation what the correlated classifier is worth in each cell."""
    found = []
    for aspect in scores.aspects:
        values: dict[MethodVariant, dict[str, list[float]]] = {}
        for each in scores.method_variants:
            for record in scores.records(each):
                for cell, accuracy in record.cell_accuracy.get(aspect, {}).items():
                    values.setdefault(each, {}).setdefault(cell, []).append(accuracy)
        names = sorted({cell for by_cell in values.values() for cell in by_cell})
        if not names:
            continue
        rows = []
        for each, by_cell in values.items():
            means = [mean_interval(by_cell[name]) if name in by_cell else None for name in names]
            cells = (Cell(decimal(mean.mean) if mean else MISSING, mean) for mean in means)
            rows.append(content.method_row(scores, each, cells))
        table = Table("", ("method",), tuple(Column(name) for name in names), tuple(rows))
        remark = (
            f"Share of the evaluation rows of each cell whose {aspect} is predicted correctly by a "
            "linear classifier that was trained on the correlated rows. Means over seeds."
        )
        title = f"Cell by cell: {aspect}"
        found.append(_shown(scores, title, table, remarks=(remark,), shaded=True))
    return tuple(found)


def _matrices(scores: ConditionScores) -> tuple[tuple[str, tuple[Heatmap, ...]], ...]:
    """What methods measured on themselves as matrices, those over steps left out."""
    found = []
    for each in scores.method_variants:
        if shown := matrices(scores, each):
            found.append((each.label, shown))
    return tuple(found)

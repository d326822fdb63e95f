"""Tables of tasks with known factors: what keeps them apart, beside what chance gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.analysis.condition_scores import ConditionScores
from harness.analysis.metrics import MethodVariant, Metric, MetricKey
from harness.analysis.profile_scores import ProfileScores
from harness.analysis.statistics import Interval
from harness.outputs.remarks import every
from harness.outputs.tables.cells import counted, decimal, interval_cell, interval_text
from harness.outputs.tables.content import costs, failures, mixture
from harness.outputs.tables.layout import Cell, Column, Document, Row, Summary, Table

TITLE = "Known factors"
"""Of the report's section."""

METRICS = (
    ("z_diff", "z-diff"),
    ("z_min_var", "z-min-var"),
    ("mig", "MIG"),
    ("sap", "SAP"),
    ("modularity", "modularity"),
    ("explicitness", "explicitness"),
    ("disentanglement", "disentanglement (D)"),
    ("completeness", "completeness (C)"),
    ("informativeness", "informativeness (I)"),
)
"""Metrics and their heads; the higher the better."""

FLOORS, CEILING = ("permuted", "untrained"), "ceiling"

HELD = (
    ("live_variables", "live variables"),
    ("kl", "KL"),
    ("mutual_information", "mutual information"),
    ("latent_use", "use of z"),
    ("iw_nll", "NLL"),
    ("reconstruction", "reconstruction"),
    ("exact_match", "exact"),
)
"""What a code holds, and what that costs: without it no metric says much."""

REMARKS = every("factors")


def summary(measured: ProfileScores) -> Summary:
    """For each task and backbone the metrics of each method."""
    tables = (_apart(measured.at(c), c.title) for c in measured.conditions)
    return Summary(tuple(tables), REMARKS)


def documents(measured: ProfileScores) -> list[Document]:
    """For each condition the metrics, the gap of each factor, what codes hold, and costs."""
    made = []
    for condition in measured.conditions:
        scores = measured.at(condition)
        tables = (_apart(scores, "Metrics"), _each(scores), _held(scores))
        said = (*REMARKS, *mixture(scores))
        made += [Document(condition.slug, condition.title, tables, said), costs(scores)]
    return made


def _apart(scores: ConditionScores, title: str) -> Table:
    """Each metric with both floors behind it, and the ceiling below."""
    table = _table(scores, title, [(MetricKey(name), head) for name, head in METRICS], FLOORS)
    return _with_ceiling(scores, table, [MetricKey(name) for name, _ in METRICS])


def _each(scores: ConditionScores) -> Table:
    """The gap of each factor, with its floors and ceiling."""
    keys = {key for own in scores.values.values() for key in own}
    names = sorted(key.factor for key in keys if key.metric == "mig" and key.factor)
    found = [MetricKey("mig", factor=name) for name in names]
    heads = [(key, key.factor.replace("_", " ")) for key in found]
    table = _table(scores, "Mutual information gap of each factor", heads, FLOORS)
    return _with_ceiling(scores, table, found)


def _held(scores: ConditionScores) -> Table:
    return _table(scores, "What codes hold", [(MetricKey(name), head) for name, head in HELD], ())


def _table(
    scores: ConditionScores,
    title: str,
    columns: Sequence[tuple[MetricKey, str]],
    controls: Sequence[str],
) -> Table:
    rows: list[Row] = []
    notes: list[str] = []
    for each in sorted({*scores.values, *scores.trials}, key=lambda m: (m[0], m[1] != "default", m)):
        found = set(scores.by_seed(each, Metric.mean([columns[0][0]])))
        cells = [_cell(scores, each, key, controls) for key, _ in columns]
        said = failures(each.label, scores.problems(each), notes)
        rows.append(Row((each.label,), (counted(len(found), len(scores.seeds)), *cells), said))
    heads = (Column("seeds"), *(Column(head) for _, head in columns))
    return Table(title, ("method",), heads, tuple(rows), tuple(notes))


def _cell(
    scores: ConditionScores, each: MethodVariant, key: MetricKey, controls: Sequence[str]
) -> Cell:
    interval = scores.interval(each, Metric.mean([key]))
    floors = [_control(scores, [each], key, name) for name in controls]
    behind = [decimal(floor.mean) for floor in floors if floor]
    text = interval_text(interval)
    return Cell(f"{text} ({', '.join(behind)})" if behind else text, interval)


def _with_ceiling(scores: ConditionScores, table: Table, keys: Sequence[MetricKey]) -> Table:
    found = [_control(scores, list(scores.values), key, CEILING) for key in keys]
    row = Row((CEILING,), (Cell(""), *map(interval_cell, found)), apart=True)
    return replace(table, rows=(*table.rows, row))


def _control(
    scores: ConditionScores, among: Sequence[MethodVariant], key: MetricKey, control: str
) -> Interval | None:
    """What a control gets: the mean over seeds of the first method that has it."""
    metric = Metric.mean([key._replace(metric=f"{key.metric}_{control}")])
    return next((i for each in among if (i := scores.interval(each, metric))), None)

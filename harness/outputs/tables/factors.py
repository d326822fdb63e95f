"""Tables of tasks with known factors: what keeps them apart, beside what chance gets."""

from collections.abc import Sequence
from math import nan

from harness.analysis.condition_scores import ConditionScores
from harness.analysis.metrics import MethodVariant, Metric, MetricKey
from harness.analysis.profile_scores import ProfileScores
from harness.analysis.statistics import Interval
from harness.outputs.remarks import every
from harness.outputs.tables.cells import counted, decimal, interval_text, number_cell
from harness.outputs.tables.content import costs, failures, mixture
from harness.outputs.tables.layout import Cell, Column, Document, Row, Summary, Table

TITLE = "Known factors"
"""Of the report's section."""

COLUMNS = (
    ("z_diff", Column("z-diff")),
    ("z_min_var", Column("z-min-var")),
    ("mig", Column("MIG")),
    ("sap", Column("SAP")),
    ("modularity", Column("modularity")),
    ("explicitness", Column("explicitness")),
    ("disentanglement", Column("D", "DCI")),
    ("completeness", Column("C", "DCI")),
    ("informativeness", Column("I", "DCI")),
    ("live_variables", Column("live variables", "held")),
    ("kl", Column("KL, nats", "held")),
    ("mutual_information", Column("mutual information, nats", "held")),
    ("latent_use", Column("use of z, nats", "held")),
    ("iw_nll", Column("NLL, nats", "held")),
)
"""Metrics and their heads; what a code holds has no floor."""

REMARKS = every("factors")


def summary(measured: ProfileScores) -> Summary:
    """For each task and backbone the metrics of each method."""
    return Summary(tuple(_metrics(measured.at(c), c.title) for c in measured.conditions), REMARKS)


def documents(measured: ProfileScores) -> list[Document]:
    """For each condition the metrics, the gap of each factor, and costs."""
    made = []
    for condition in measured.conditions:
        scores = measured.at(condition)
        names = sorted(
            {key.factor for key in scores.all_keys if key.metric == "mig" and key.factor}
        )
        gaps = [(MetricKey("mig", factor=n), Column(n.replace("_", " "))) for n in names]
        tables = (_metrics(scores, "Metrics"), _table(scores, "MIG of each factor", gaps))
        said = (*REMARKS, *mixture(scores))
        made += [Document(condition.slug, condition.title, tables, said), costs(scores)]
    return made


def _metrics(scores: ConditionScores, title: str) -> Table:
    return _table(scores, title, [(MetricKey(name), head) for name, head in COLUMNS])


def _table(
    scores: ConditionScores, title: str, columns: Sequence[tuple[MetricKey, Column]]
) -> Table:
    """One row a method, each number with its floors behind it; the ceiling below, and no best."""
    rows: list[Row] = []
    notes: list[str] = []
    methods = sorted({*scores.values, *scores.trials})
    for each in methods:
        found = {s for key, _ in columns for s in scores.by_seed(each, Metric.mean([key]))}
        cells = [_cell(scores, each, key) for key, _ in columns]
        said = failures(each.label, scores.problems(each), notes)
        counts = counted(len(found), len(scores.seeds))
        rows.append(Row((each.label,), (counts, *cells), said, of=each))
    ends = ([_control(scores, each, key, "ceiling") for each in methods] for key, _ in columns)
    best = (next((end.mean for end in found if end), nan) for found in ends)
    rows.append(Row(("ceiling",), (Cell(""), *map(number_cell, best)), apart=True))
    heads = (Column("seeds"), *(head for _, head in columns))
    return Table(title, ("method",), heads, tuple(rows), tuple(notes))


def _cell(scores: ConditionScores, each: MethodVariant, key: MetricKey) -> Cell:
    interval = scores.interval(each, Metric.mean([key]))
    floors = (_control(scores, each, key, name) for name in ("permuted", "untrained"))
    behind = ", ".join(decimal(floor.mean) for floor in floors if floor)
    text = interval_text(interval)
    return Cell(f"{text} ({behind})" if behind else text, interval)


def _control(
    scores: ConditionScores, each: MethodVariant, key: MetricKey, name: str
) -> Interval | None:
    return scores.interval(each, Metric.mean([key._replace(metric=f"{key.metric}_{name}")]))

"""Tables of tasks of tagging: F1 of the label and of spans, one task alone beside both at once."""

from data.tagging import SORTS
from harness.analysis.condition_scores import ConditionScores
from harness.analysis.metrics import MethodVariant, Metric, MetricKey
from harness.analysis.profile_scores import ProfileScores
from harness.outputs.remarks import every
from harness.outputs.tables import less_default
from harness.outputs.tables.cells import counted
from harness.outputs.tables.columns import Measured
from harness.outputs.tables.content import costs, entry, failures, mixture
from harness.outputs.tables.layout import Column, Document, Row, Summary, Table

TITLE = "A label and spans"
"""Of the report's section."""

HEADS = {"label": "label, of class 1", "span": "spans, type and both ends"}

COLUMNS = tuple(
    Measured(Column(f"{name} ↑", head), Metric.mean([MetricKey(f"{of}_{name}")]))
    for of, head in HEADS.items()
    for name in ("precision", "recall", "f1")
)


def summary(measured: ProfileScores) -> Summary:
    """For each task and backbone every method that was tried, with its variants."""
    found = [(measured.at(condition), condition.title) for condition in measured.conditions]
    gaps = (remark for scores, title in found for remark in _gap(scores, title))
    tables = tuple(_table(scores, title) for scores, title in found)
    return Summary(tables, (*every("tagging"), *dict.fromkeys(gaps)))


def documents(measured: ProfileScores) -> list[Document]:
    """The same with each type of span, variants less their default, and costs."""
    made = []
    for condition in measured.conditions:
        scores = measured.at(condition)
        tables = [_table(scores, "Methods")]
        keys = sorted(key for key in scores.all_keys if key.metric == "type_f1")
        types = [Measured(Column(f"{k.factor} ↑", "F1"), Metric.mean([k])) for k in keys]
        off = Metric.mean([MetricKey("label_f1_off_spans")])
        types.append(Measured(Column("label off the spans ↑", "F1"), off))
        tables.append(_table(scores, "Types of spans", tuple(types)))
        remarks = (*every("tagging"), *_gap(scores, condition.title))
        if (paired := less_default.table(scores, _rows(scores), COLUMNS)) is not None:
            tables.append(paired)
            remarks += less_default.REMARKS
        remarks += mixture(scores)
        made += [Document(condition.slug, condition.title, tuple(tables), remarks), costs(scores)]
    return made


def _rows(scores: ConditionScores) -> list[MethodVariant]:
    """Each method's default before its variants."""
    return sorted({*scores.values, *scores.trials}, key=lambda m: (m[0], m[1] != "default", m[1]))


def _table(scores: ConditionScores, title: str, columns: tuple[Measured, ...] = COLUMNS) -> Table:
    rows, notes = [], list[str]()
    everyone = _rows(scores)
    for each in everyone:
        problems = scores.problems(each)
        there = len(scores.seeds) - len({seed for problem in problems for seed in problem.seeds})
        cells = (entry(scores, each, column, tuple(everyone)) for column in columns)
        numbers = counted(there, len(scores.seeds)), *cells
        rows.append(Row((each.label,), numbers, failures(each.label, problems, notes), of=each))
    heads = Column("seeds"), *(column.column for column in columns)
    return Table(title, ("method",), heads, tuple(rows), tuple(notes))


def _gap(scores: ConditionScores, title: str) -> list[str]:
    """How many texts have a label that no span explains, in all parts of the first trial."""
    for by_seed in scores.trials.values():
        for record in by_seed.values():
            if record.counts:
                _, spans, without = (sum(p[of] for p in record.counts.values()) for of in SORTS)
                return [
                    f"{title}: of {spans + without:,} texts of class 1 {without} have no span of a "
                    "scored type."
                ]
    return []

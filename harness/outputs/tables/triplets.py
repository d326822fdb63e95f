"""Tables of tasks with triplets: what each representation knows of semantics and of syntax."""

from __future__ import annotations

from dataclasses import replace

from harness.analysis.metrics import Condition, Metric, MetricKey
from harness.analysis.profile_scores import ProfileScores
from harness.analysis.statistics import mean_interval
from harness.outputs.tables import content, variants
from harness.outputs.tables.columns import Measured
from harness.outputs.tables.layout import Cell, Column, Document, Row, Summary, Table, interval_text

TITLE = "Semantics and syntax"
"""Of the report's section."""

SEMANTICS, SYNTAX = "semantics", "syntax"
BOUND = "upper bound"

PAIRS = ("stsb", "sick")
COPIED = (("bracket_f1", "brackets", "bracket F1"), ("tag_accuracy", "tags", "POS"))
"""Metric, factor and head of what is copied from neighbours."""

PROBED = ("depth", "top_constituents", "tense", "subject_number", "object_number", "genre")

REMARKS = (
    "Pearson, Spearman: correlation of cosines with grades (test parts of STS-B and SICK). "
    "Bracket F1, POS: labelled brackets without parts of speech, and tags, copied from the nearest "
    "sentence of the same length in another document.",
    "Gaps: of Pearson on STS-B, semantic minus syntactic representation; of bracket F1, the other "
    "way round. A negative gap counts as 0 in the product.",
    "The upper bound is the best neighbour that there is; chance is a random one.",
    "Methods that need labels are not run here.",
)


def summary(measured: ProfileScores) -> Summary:
    """For each task and backbone one line a method."""
    tables = tuple(
        _summary(measured, condition, condition.title) for condition in measured.conditions
    )
    return Summary(tables, (*content.REMARKS[:1], _MARKS, *REMARKS))


def documents(measured: ProfileScores) -> list[Document]:
    """For each condition the summary with all keys, costs, own scores, and variants."""
    made: list[Document] = []
    for condition in measured.conditions:
        parts = [_summary(measured, condition, "Summary")]
        for aspect in (SEMANTICS, SYNTAX):
            title = f"{aspect} representation"
            columns = _everything(aspect)
            parts.append(_bounded(measured, condition, title, columns))
        document = Document(condition.slug, condition.title, tuple(parts),
                            (*content.REMARKS[:1], _MARKS, *REMARKS))  # fmt: skip
        own = content.own_scores(measured, condition)
        made += [document, content.costs(measured, condition), *([own] if own else [])]
        made += variants.documents(measured, condition, _summary_columns())
    return made


_MARKS = (
    "Bold: not distinguishable from the best of the column at the 5% level, paired over seeds, "
    "Holm-corrected over methods."
)


def measure_of(metric: str, aspect: str, factor: str, *, own: str, probe: str = "") -> Metric:
    """One measure of a representation: the higher the better for the aspect `own` alone."""
    return Metric.mean([MetricKey(metric, aspect, factor, probe)], lower_is_better=aspect != own)


def _summary(measured: ProfileScores, condition: Condition, title: str) -> Table:
    return _bounded(measured, condition, title, _summary_columns())


def _summary_columns() -> tuple[Measured, ...]:
    """Both representations by what decides, and the gaps."""
    columns = [
        Measured(
            Column(f"{_short(aspect)} {_arrow(aspect, SEMANTICS)}", "STS-B Pearson"),
            measure_of("pearson", aspect, "stsb", own=SEMANTICS),
        )
        for aspect in (SEMANTICS, SYNTAX)
    ]
    for metric, factor, head in COPIED:
        columns += [
            Measured(
                Column(f"{_short(aspect)} {_arrow(aspect, SYNTAX)}", head),
                measure_of(metric, aspect, factor, own=SYNTAX),
            )
            for aspect in (SEMANTICS, SYNTAX)
        ]
    heads = (("semantic_gap", "semantic ↑"), ("syntactic_gap", "syntactic ↑"))
    columns += [
        Measured(Column(head, "gap"), Metric.mean([MetricKey(metric)]))
        for metric, head in (*heads, ("gap_product", "product ↑"))
    ]
    return tuple(columns)


def _everything(aspect: str) -> tuple[Measured, ...]:
    columns = [
        Measured(
            Column(f"{name} {_arrow(aspect, SEMANTICS)}", corpus.upper()),
            measure_of(metric, aspect, corpus, own=SEMANTICS),
        )
        for corpus in PAIRS
        for metric, name in (("pearson", "Pearson"), ("spearman", "Spearman"))
    ]
    columns += [
        Measured(
            Column(f"{head} {_arrow(aspect, SYNTAX)}", "copied"),
            measure_of(metric, aspect, factor, own=SYNTAX),
        )
        for metric, factor, head in COPIED
    ]
    for factor in PROBED:
        own = SEMANTICS if factor == "genre" else SYNTAX
        columns.append(
            Measured(
                Column(f"{factor.replace('_', ' ')} {_arrow(aspect, own)}", "linear probe"),
                measure_of("probe_accuracy", aspect, factor, own=own, probe="linear"),
            )
        )
    columns.append(
        Measured(
            Column(f"{aspect} nearer ↑", "held-out triplets"),
            measure_of("triplet_accuracy", aspect, aspect, own=aspect),
        )
    )
    return tuple(columns)


def _bounded(
    measured: ProfileScores, condition: Condition, title: str, columns: tuple[Measured, ...]
) -> Table:
    """The comparison with a last line that says what the best neighbours would give."""
    table = content.comparison(measured, condition, title, columns)
    cells = [Cell("")] + [_bound(measured, condition, column.metric.metric_keys[0])
                          for column in columns]  # fmt: skip
    return replace(table, rows=(*table.rows, Row((BOUND,), tuple(cells), apart=True)))


def _bound(measured: ProfileScores, condition: Condition, key: MetricKey) -> Cell:
    metric = Metric.mean([MetricKey(f"{key.metric}_bound", factor=key.factor)])
    for method_variant in measured.method_variants(condition):
        values = measured.by_seed(condition, method_variant, metric)
        if values:
            # The same for every method: only the documents decide it.
            interval = mean_interval(list(values.values())[:1])
            return Cell(interval_text(interval), interval)
    return Cell("")


def _short(aspect: str) -> str:
    return {SEMANTICS: "sem.", SYNTAX: "syn."}[aspect]


def _arrow(aspect: str, own: str) -> str:
    return "↑" if aspect == own else "↓"

"""Tables of tasks with triplets: what each representation knows of semantics and of syntax."""

from dataclasses import replace

from harness.analysis.condition_scores import ConditionScores
from harness.analysis.metrics import Metric, MetricKey
from harness.analysis.profile_scores import ProfileScores
from harness.analysis.statistics import mean_interval
from harness.outputs.remarks import every
from harness.outputs.tables import content, variants
from harness.outputs.tables.cells import interval_cell
from harness.outputs.tables.columns import Measured
from harness.outputs.tables.layout import Cell, Column, Document, Row, Summary, Table

TITLE = "Semantics and syntax"
"""Of the report's section."""

SEMANTICS, SYNTAX = "semantics", "syntax"
BOUND = "upper bound"

PAIRS = ("stsb", "sick")
COPIED = (("bracket_f1", "brackets", "bracket F1"), ("tag_accuracy", "tags", "POS"))
"""Metric, factor and head of what is copied from neighbours."""

PROBED = ("depth", "top_constituents", "tense", "subject_number", "object_number", "genre")

REMARKS = (content.REMARKS[0], *every("triplets"))


def summary(measured: ProfileScores) -> Summary:
    """For each task and backbone one line a method."""
    columns = _summary_columns()
    tables = (_bounded(measured.at(s), s.title, columns) for s in measured.conditions)
    return Summary(tuple(tables), REMARKS)


def documents(measured: ProfileScores) -> list[Document]:
    """For each condition the summary with all keys, costs, own scores, and variants."""
    made: list[Document] = []
    for condition in measured.conditions:
        scores = measured.at(condition)
        parts = (
            _bounded(scores, "Summary", _summary_columns()),
            *(
                _bounded(scores, f"{aspect} representation", _everything(aspect))
                for aspect in (SEMANTICS, SYNTAX)
            ),
        )
        said = (*REMARKS, *content.mixture(scores))
        document = Document(condition.slug, condition.title, parts, said)
        own = content.own_scores(scores)
        made += [document, content.costs(scores), *([own] if own else [])]
        made += variants.documents(scores, _summary_columns())
    return made


def measure_of(metric: str, aspect: str, factor: str, *, own: str, probe: str = "") -> Metric:
    """One measure of a representation: the higher the better for the aspect `own` alone."""
    return Metric.mean([MetricKey(metric, aspect, factor, probe)], lower_is_better=aspect != own)


def _summary_columns() -> tuple[Measured, ...]:
    """Both representations by what decides, and the gaps."""
    decisive = (("pearson", "stsb", "STS-B Pearson", SEMANTICS), *((*c, SYNTAX) for c in COPIED))
    gaps = ("semantic_gap", "semantic"), ("syntactic_gap", "syntactic"), ("gap_product", "product")
    return (
        *(
            _column({SEMANTICS: "sem.", SYNTAX: "syn."}[aspect], head, metric, aspect, factor, own)
            for metric, factor, head, own in decisive
            for aspect in (SEMANTICS, SYNTAX)
        ),
        *(Measured(Column(f"{head} ↑", "gap"), Metric.mean([MetricKey(g)])) for g, head in gaps),
    )


def _everything(aspect: str) -> tuple[Measured, ...]:
    return (
        *(
            _column(name, corpus.upper(), name.lower(), aspect, corpus, SEMANTICS)
            for corpus in PAIRS
            for name in ("Pearson", "Spearman")
        ),
        *(
            _column(head, "copied", metric, aspect, factor, SYNTAX)
            for metric, factor, head in COPIED
        ),
        *(
            _column(
                factor.replace("_", " "),
                "linear probe",
                "probe_accuracy",
                aspect,
                factor,
                SEMANTICS if factor == "genre" else SYNTAX,
                probe="linear",
            )
            for factor in PROBED
        ),
        _column(
            f"{aspect} nearer", "held-out triplets", "triplet_accuracy", aspect, aspect, aspect
        ),
    )


def _column(
    head: str, group: str, metric: str, aspect: str, factor: str, own: str, *, probe: str = ""
) -> Measured:
    """A measure of a representation under a head with the direction that is better for it."""
    arrow = "↑" if aspect == own else "↓"
    measure = measure_of(metric, aspect, factor, own=own, probe=probe)
    return Measured(Column(f"{head} {arrow}", group), measure)


def _bounded(scores: ConditionScores, title: str, columns: tuple[Measured, ...]) -> Table:
    """The comparison with a last line that says what the best neighbours would give."""
    table = content.comparison(scores, title, columns)
    bounds = (_bound(scores, column.metric.metric_keys[0]) for column in columns)
    cells = [Cell(""), *bounds]
    return replace(table, rows=(*table.rows, Row((BOUND,), tuple(cells), apart=True)))


def _bound(scores: ConditionScores, key: MetricKey) -> Cell:
    metric = Metric.mean([MetricKey(f"{key.metric}_bound", factor=key.factor)])
    for method_variant in scores.method_variants:
        values = scores.by_seed(method_variant, metric)
        if values:
            # The same for every method: only the documents decide it.
            return interval_cell(mean_interval(list(values.values())[:1]))
    return Cell("")

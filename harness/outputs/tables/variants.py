"""Tables of one method's variants: ablations and sweeps, each beside what it changes."""

from collections.abc import Mapping, Sequence
from typing import Any

from harness.analysis.condition_scores import REFERENCE, ConditionScores
from harness.analysis.metrics import MethodVariant, Metric, file_name
from harness.outputs.remarks import every
from harness.outputs.tables import less_default
from harness.outputs.tables.cells import MISSING, counted, interval_text, quantity_text
from harness.outputs.tables.columns import Measured, kept_columns
from harness.outputs.tables.content import COMMON, REMARKS, entry, failures, signs
from harness.outputs.tables.layout import Cell, Column, Document, Row, Table


def documents(
    scores: ConditionScores, columns: Sequence[Measured], *, own: bool = True
) -> list[Document]:
    """One document for each method that was tried in several variants, with these columns.

    `own`: whether what methods report of themselves stands behind them.
    """
    made = []
    for method, method_variants in scores.variants.items():
        paired = less_default.table(scores, method_variants, columns)
        beside, remark = ((paired,), less_default.REMARKS) if paired else ((), ())
        said = _own_metrics(scores, method_variants) if own else []
        table = _table(scores, method_variants, columns, said)
        name = file_name(f"{scores.condition.slug}-{method}-variants")
        title = f"{scores.condition.title}: variants of {method}"
        remarks = (*REMARKS, *every("variants"), *remark, *signs([table]))
        made.append(Document(name, title, (table, *beside), remarks))
    return made


def changes(default: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """What a variant sets otherwise than the default, such as `sparsity=0.9`."""
    return ", ".join(
        f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in settings.items()
        if name not in default or default[name] != value
    )


def _table(
    scores: ConditionScores,
    method_variants: tuple[MethodVariant, ...],
    columns: Sequence[Measured],
    own: Sequence[str],
) -> Table:
    default = scores.settings_of(method_variants[0])
    comparable = method_variants[0].method not in scores.apart
    rows: list[Row] = []
    notes: list[str] = []
    for method_variant in (*method_variants, MethodVariant(REFERENCE)):
        records = scores.records(method_variant)
        if method_variant.method == REFERENCE and not records:
            continue
        cells = [counted(sum(record.status == "done" for record in records), len(records))]
        for column in columns:
            among = method_variants if comparable else ()
            cells.append(entry(scores, method_variant, column, among))
        cells += [_own_cell(scores, method_variant, metric) for metric in own]
        reference = method_variant.method == REFERENCE
        settings = scores.settings_of(method_variant)
        name = method_variant.variant
        keys = (REFERENCE, "") if reference else (name, changes(default, settings))
        places = failures(name, scores.problems(method_variant), notes)
        rows.append(Row(keys, tuple(cells), notes=places, apart=reference, of=method_variant))
    heads = (
        Column("seeds"),
        *(column.column for column in columns),
        *(Column(metric.replace("_", " ")) for metric in own),
    )
    return Table("", ("variant", "changes"), heads, tuple(rows), tuple(notes))


def accuracy_columns(scores: ConditionScores) -> tuple[Measured, ...]:
    """Linear target accuracy and leakage of each aspect, what they come to, and what is kept."""
    aspects = scores.aspects
    target, leakage = (f("linear") for f in (scores.mean_target, scores.mean_leakage))
    return (
        *(Measured(Column(a, "target accuracy ↑"), scores.target(a, "linear")) for a in aspects),
        *(Measured(Column(a, "leakage ↓"), scores.leakage(a, "linear")) for a in aspects),
        Measured(Column("mean", "gap ↑"), target.minus(leakage)),
        *kept_columns(scores.mean_kept),
        Measured(Column("mean", "worst group ↑"), scores.mean_worst_group()),
    )


def _own_metrics(scores: ConditionScores, method_variants: tuple[MethodVariant, ...]) -> list[str]:
    """What every measured variant reports of itself, probes apart."""
    found = [
        {m.metric for m in scores.metric_keys(method_variant) if not m.probe} - COMMON
        for method_variant in method_variants
        if scores.metric_keys(method_variant)
    ]
    return sorted(set.intersection(*found)) if found else []


def _own_cell(scores: ConditionScores, method_variant: MethodVariant, metric: str) -> Cell:
    own = scores.metric_keys(method_variant)
    metric_keys = [m for m in own if m.metric == metric and not m.probe]
    if not metric_keys:
        return Cell(MISSING)
    interval = scores.interval(method_variant, Metric.mean(metric_keys))
    if interval is None:
        return Cell(MISSING)
    text = interval_text(interval) if interval.mean <= 1 else quantity_text(interval.mean, " ")
    return Cell(text.strip(), interval)

"""Tables of one method's variants: ablations and sweeps, each beside what it changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.analysis.metrics import Condition, MethodVariant, Metric, file_name
from harness.analysis.profile_scores import REFERENCE, ProfileScores
from harness.analysis.statistics import mean_interval
from harness.outputs.remarks import every
from harness.outputs.tables import less_default
from harness.outputs.tables.cells import (
    MISSING,
    counted,
    interval_text,
    quantity_text,
)
from harness.outputs.tables.columns import Measured, kept_columns
from harness.outputs.tables.content import COMMON, REMARKS, entry, failures, signs
from harness.outputs.tables.layout import Cell, Column, Document, Row, Table


def documents(
    measured: ProfileScores, condition: Condition, columns: Sequence[Measured]
) -> list[Document]:
    """One document for each method that was tried in several variants, with these columns."""
    made = []
    for method, method_variants in measured.variants(condition).items():
        paired = less_default.table(measured, condition, method_variants, columns)
        beside, remark = ((paired,), less_default.REMARKS) if paired else ((), ())
        table = _table(measured, condition, method_variants, columns)
        made.append(
            Document(
                name=file_name(f"{condition.slug}-{method}-variants"),
                title=f"{condition.title}: variants of {method}",
                tables=(table, *beside),
                remarks=(*REMARKS, *every("variants"), *remark, *signs([table])),
            )
        )
    return made


def changes(default: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """What a variant sets otherwise than the default, such as `sparsity=0.9`."""
    return ", ".join(
        f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in settings.items()
        if name not in default or default[name] != value
    )


def _table(
    measured: ProfileScores,
    condition: Condition,
    method_variants: tuple[MethodVariant, ...],
    columns: Sequence[Measured],
) -> Table:
    own = _own_metrics(measured, condition, method_variants)
    default = measured.settings_of(condition, method_variants[0])
    comparable = method_variants[0].method not in measured.apart
    rows: list[Row] = []
    notes: list[str] = []
    for method_variant in (*method_variants, MethodVariant(REFERENCE)):
        records = measured.records(condition, method_variant)
        cells = [counted(sum(record.status == "done" for record in records), len(records))]
        for column in columns:
            among = method_variants if comparable else ()
            cells.append(entry(measured, condition, method_variant, column, among))
        cells += [_own_cell(measured, condition, method_variant, metric) for metric in own]
        reference = method_variant.method == REFERENCE
        settings = measured.settings_of(condition, method_variant)
        name = method_variant.variant
        keys = (REFERENCE, "") if reference else (name, changes(default, settings))
        places = failures(name, measured.problems(condition, method_variant), notes)
        rows.append(Row(keys, tuple(cells), notes=places, apart=reference))
    heads = (
        Column("seeds"),
        *(column.column for column in columns),
        *(Column(metric.replace("_", " ")) for metric in own),
    )
    return Table("", ("variant", "changes"), heads, tuple(rows), tuple(notes))


def accuracy_columns(measured: ProfileScores, condition: Condition) -> tuple[Measured, ...]:
    """Linear target accuracy and leakage of each aspect, what they come to, and what is kept."""
    aspects = measured.aspects(condition)
    target, leakage = (
        f(condition, "linear") for f in (measured.mean_target, measured.mean_leakage)
    )
    return (
        *(Measured(Column(a, "target accuracy ↑"), measured.target(a, "linear")) for a in aspects),
        *(
            Measured(Column(a, "leakage ↓"), measured.leakage(condition, a, "linear"))
            for a in aspects
        ),
        Measured(Column("mean", "gap ↑"), target.minus(leakage)),
        *kept_columns(lambda metric: measured.mean_kept(condition, metric)),
        Measured(Column("mean", "worst group ↑"), measured.mean_worst_group(condition)),
    )


def _own_metrics(
    measured: ProfileScores, condition: Condition, method_variants: tuple[MethodVariant, ...]
) -> list[str]:
    """What every measured variant reports of itself, probes apart."""
    found = [
        {m.metric for m in measured.metric_keys(condition, method_variant) if not m.probe} - COMMON
        for method_variant in method_variants
        if measured.metric_keys(condition, method_variant)
    ]
    return sorted(set.intersection(*found)) if found else []


def _own_cell(
    measured: ProfileScores, condition: Condition, method_variant: MethodVariant, metric: str
) -> Cell:
    own = measured.metric_keys(condition, method_variant)
    metric_keys = [m for m in own if m.metric == metric and not m.probe]
    if not metric_keys:
        return Cell(MISSING)
    seeds = measured.by_seed(condition, method_variant, Metric.mean(metric_keys))
    interval = mean_interval(list(seeds.values()))
    text = interval_text(interval) if interval.mean <= 1 else quantity_text(interval.mean, " ")
    return Cell(text.strip(), interval)

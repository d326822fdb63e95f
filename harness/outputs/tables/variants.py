"""Tables of one method's variants: ablations and sweeps, each beside what it changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.analysis.measurements import REFERENCE, Measurements
from harness.analysis.quantities import Contender, Measure, Quantity, Setting, file_name
from harness.analysis.statistics import Interval, mean_interval
from harness.outputs.tables import less_default
from harness.outputs.tables.columns import Measured
from harness.outputs.tables.content import COMMON, REMARKS
from harness.outputs.tables.layout import (
    MISSING,
    Cell,
    Column,
    Document,
    Row,
    Table,
    interval_text,
    quantity_text,
)

REMARK = (
    "Variants may have fewer seeds than the default; marks compare the variants of this table, "
    "paired over the seeds that two of them share."
)


def documents(
    measured: Measurements, setting: Setting, columns: Sequence[Measured]
) -> list[Document]:
    """One document for each method that was tried in several variants, with these columns."""
    made = []
    for method, contenders in measured.variants(setting).items():
        paired = less_default.table(measured, setting, contenders, columns)
        beside, remark = ((paired,), (less_default.REMARK,)) if paired else ((), ())
        made.append(
            Document(
                name=file_name(f"{setting.slug}-{method}-variants"),
                title=f"{setting.title}: variants of {method}",
                tables=(_table(measured, setting, contenders, columns), *beside),
                remarks=(*REMARKS, REMARK, *remark),
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
    measured: Measurements,
    setting: Setting,
    contenders: tuple[Contender, ...],
    columns: Sequence[Measured],
) -> Table:
    own = _own_metrics(measured, setting, contenders)
    default = measured.settings_of(setting, contenders[0])
    rows: list[Row] = []
    notes: list[str] = []
    for contender in (*contenders, Contender(REFERENCE)):
        cells = [_seeds(measured, setting, contender)]
        for column in columns:
            interval = measured.interval(setting, contender, column.quantity)
            best = contender in measured.ties(setting, column.quantity, contenders)
            cells.append(Cell(interval_text(interval), interval, best))
        cells += [_own_cell(measured, setting, contender, metric) for metric in own]
        failed = [p for p in measured.problems(setting, contender) if p.status != "missing"]
        first = len(notes)
        notes += [f"{contender.variant}: {p.status} ({p.reason})" for p in failed]
        reference = contender.method == REFERENCE
        settings = measured.settings_of(setting, contender)
        keys = (REFERENCE, "") if reference else (contender.variant, changes(default, settings))
        places = tuple(range(first, len(notes)))
        rows.append(Row(keys, tuple(cells), notes=places, apart=reference))
    heads = (
        Column("seeds"),
        *(column.column for column in columns),
        *(Column(metric.replace("_", " ")) for metric in own),
    )
    return Table("", ("variant", "changes"), heads, tuple(rows), tuple(notes))


def accuracy_columns(measured: Measurements, setting: Setting) -> tuple[Measured, ...]:
    """Linear target accuracy and leakage of each aspect, and what they come to."""
    aspects = measured.aspects(setting)
    target, leakage = (f(setting, "linear") for f in (measured.mean_target, measured.mean_leakage))
    return (
        *(Measured(Column(a, "target accuracy ↑"), measured.target(a, "linear")) for a in aspects),
        *(
            Measured(Column(a, "leakage ↓"), measured.leakage(setting, a, "linear"))
            for a in aspects
        ),
        Measured(Column("mean", "gap ↑"), target.minus(leakage)),
        Measured(Column("mean", "worst group ↑"), measured.mean_worst_group(setting)),
    )


def _own_metrics(
    measured: Measurements, setting: Setting, contenders: tuple[Contender, ...]
) -> list[str]:
    """What every measured variant reports of itself, probes apart."""
    found = [
        {m.metric for m in measured.measures(setting, contender) if not m.probe} - COMMON
        for contender in contenders
        if measured.measures(setting, contender)
    ]
    return sorted(set.intersection(*found)) if found else []


def _own_cell(measured: Measurements, setting: Setting, contender: Contender, metric: str) -> Cell:
    measures: list[Measure] = [
        m for m in measured.measures(setting, contender) if m.metric == metric and not m.probe
    ]
    if not measures:
        return Cell(MISSING)
    seeds = measured.by_seed(setting, contender, Quantity.mean(measures))
    interval = mean_interval(list(seeds.values()))
    text = interval_text(interval) if interval.mean <= 1 else quantity_text(interval.mean, " ")
    return Cell(text.strip(), interval)


def _seeds(measured: Measurements, setting: Setting, contender: Contender) -> Cell:
    trials = measured.trials.get(setting, {}).get(contender, {})
    done = sum(record.status == "done" for record in trials.values())
    return Cell(str(done) if done == len(trials) else f"{done}/{len(trials)}", Interval(done))

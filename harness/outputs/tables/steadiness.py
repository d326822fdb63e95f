"""How steady trained methods are: over seeds, and where the same seed is trained once more.

A repeat is a trial of the same key under `results/<profile>/repeats/<any name>`, where `--results`
has put it. What its provenance says otherwise names its column.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean

from harness.analysis.metrics import Condition
from harness.analysis.statistics import mean_interval
from harness.outputs.remarks import every
from harness.outputs.tables.cells import counted, interval_cell, number_cell
from harness.outputs.tables.layout import Cell, Column, Document, Row, Table
from harness.store.records import FIRST_KIND, Record, current, kind_of, read_records

OTHERWISE = {"precision": "other type", "packing": "unpacked", "cpu": "other processor"}
"""What a repeat's provenance may say otherwise, and its column; the first that differs counts."""

HEADS = ("seeds", "leakage ↓", "range", *OTHERWISE.values())

CONTENT = ("task", "corpus", "backbone")
"""Inputs that trials before and after a change of settings share."""

Seeds = Mapping[int, Record]


def documents(results: Path, profile: str) -> Iterator[Document]:
    """One table of the labelled tasks; none where no method has two seeds trained in steps.

    Before: the newest trials of a method under other settings than those of now, as far as stored.
    """
    stored = _trained(results, profile)
    repeats: dict[str, list[Record]] = defaultdict(list)
    for folder in sorted((results / profile / "repeats").glob(f"*/{profile}")):
        for record in _trained(folder.parent, profile):
            repeats[record.key].append(record)
    latest = current(stored)
    now = {record.trial: record for record in latest}
    keys = {record.key for record in latest}
    older = current(each for each in stored if each.key not in keys)
    earlier = _by_method(each for each in older if _content(each) == _content(now.get(each.trial)))
    rows = [
        Row(where, (*_cells(earlier.get(where, {}), repeats), *_cells(seeds, repeats)))
        for where, seeds in sorted(_by_method(latest).items())
        if max(len(seeds), len(earlier.get(where, {}))) > 1
    ]
    if rows:
        columns = tuple(Column(head, time) for time in ("before", "after") for head in HEADS)
        table = Table("", ("task", "method"), columns, tuple(rows))
        title = f"Steadiness of trained methods in the {profile} profile"
        yield Document("steadiness", title, (table,), every("steadiness"))


def _trained(results: Path, profile: str) -> list[Record]:
    """The default variants of methods that are trained in steps."""
    if not (results / profile / "records").is_dir():
        return []
    return [
        record
        for record in read_records(results, profile)
        if (record.status, record.trial.variant, kind_of(record)) == ("done", "default", FIRST_KIND)
        if record.inputs.get("settings", {}).get("steps")
    ]


def _content(record: Record | None) -> list[object]:
    return [record and record.inputs.get(name) for name in CONTENT]


def _by_method(records: Iterable[Record]) -> dict[tuple[str, str], Seeds]:
    found: dict[tuple[str, str], dict[int, Record]] = defaultdict(dict)
    for record in records:
        trial = record.trial
        condition = Condition(trial.task, trial.correlation, trial.backbone)
        found[condition.title, trial.method][trial.seed] = record
    return dict(found)


def _cells(seeds: Seeds, repeats: Mapping[str, Sequence[Record]]) -> list[Cell]:
    """Under `HEADS`, empty where nothing is stored."""
    if not seeds:
        return [Cell("")] * len(HEADS)
    leakages = [_leakage(record) for record in seeds.values()]
    apart: dict[str, list[float]] = defaultdict(list)
    for record, leakage in zip(seeds.values(), leakages, strict=True):
        for repeat in repeats.get(record.key, ()):
            if (column := _otherwise(record, repeat)) is not None:
                apart[column].append(abs(_leakage(repeat) - leakage))
    differences = (apart.get(column) for column in OTHERWISE.values())
    return [
        counted(len(seeds)),
        interval_cell(mean_interval(leakages)),
        number_cell(max(leakages) - min(leakages)),
        *(number_cell(max(each)) if each else Cell("") for each in differences),
    ]


def _leakage(record: Record) -> float:
    """Mean over representations and other aspects, by the linear probe."""
    parts = [s.value for s in record.scores if (s.metric, s.probe) == ("leakage", "linear")]
    return fmean(parts)


def _otherwise(record: Record, repeat: Record) -> str | None:
    one, other = record.provenance, repeat.provenance
    # Records from before packing could be left out are of packed texts.
    return next((h for n, h in OTHERWISE.items() if one.get(n, True) != other.get(n, True)), None)

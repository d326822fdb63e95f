"""How steady trained methods are: over seeds, and where the same seed is trained once more.

A repeat is a trial of the same key under `results/<profile>/repeats/<any name>`, where `--results`
has put it. What its provenance says otherwise names its column.
"""

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
    stored = list(_trained(results, profile))
    repeats: dict[str, list[Record]] = defaultdict(list)
    for folder in sorted((results / profile / "repeats").glob(f"*/{profile}")):
        for record in _trained(folder.parent, profile):
            repeats[record.key].append(record)
    latest = current(stored)
    now = {record.trial: [record.inputs.get(name) for name in CONTENT] for record in latest}
    keys = {record.key for record in latest}
    older = current(each for each in stored if each.key not in keys)
    before = _by_method(r for r in older if [r.inputs.get(n) for n in CONTENT] == now.get(r.trial))
    rows = [
        Row(where, (*_cells(before.get(where, {}), repeats), *_cells(seeds, repeats)))
        for where, seeds in sorted(_by_method(latest).items())
        if max(len(seeds), len(before.get(where, {}))) > 1
    ]
    if rows:
        columns = tuple(Column(head, time) for time in ("before", "after") for head in HEADS)
        table = Table("", ("task", "method"), columns, tuple(rows))
        title = f"Steadiness of trained methods in the {profile} profile"
        yield Document("steadiness", title, (table,), every("steadiness"))


def _trained(results: Path, profile: str) -> Iterator[Record]:
    """The default variants of methods that are trained in steps."""
    there = (results / profile / "records").is_dir()
    for record in read_records(results, profile) if there else ():
        about = (record.status, record.trial.variant, kind_of(record))
        if about == ("done", "default", FIRST_KIND) and record.inputs.get("settings", {}).get(
            "steps"
        ):
            yield record


def _by_method(records: Iterable[Record]) -> dict[tuple[str, str], Seeds]:
    found: dict[tuple[str, str], dict[int, Record]] = defaultdict(dict)
    for record in records:
        where = Condition(record.trial.task, record.trial.correlation, record.trial.backbone)
        found[where.title, record.trial.method][record.trial.seed] = record
    return dict(found)


def _cells(seeds: Seeds, repeats: Mapping[str, Sequence[Record]]) -> list[Cell]:
    """Under `HEADS`, empty where nothing is stored."""
    if not seeds:
        return [Cell("")] * len(HEADS)
    leakages = {record.key: _leakage(record) for record in seeds.values()}
    apart: dict[str | None, list[float]] = defaultdict(list)
    for record in seeds.values():
        for repeat in repeats.get(record.key, ()):
            one, other = record.provenance, repeat.provenance
            # Records from before packing could be left out are of packed texts.
            differing = (n for n in OTHERWISE if one.get(n, True) != other.get(n, True))
            apart[next(differing, None)].append(abs(_leakage(repeat) - leakages[record.key]))
    return [
        counted(len(seeds)),
        interval_cell(mean_interval(list(leakages.values()))),
        number_cell(max(leakages.values()) - min(leakages.values())),
        *(number_cell(max(apart[name])) if apart[name] else Cell("") for name in OTHERWISE),
    ]


def _leakage(record: Record) -> float:
    """Mean over representations and other aspects, by the linear probe."""
    return fmean(s.value for s in record.scores if (s.metric, s.probe) == ("leakage", "linear"))

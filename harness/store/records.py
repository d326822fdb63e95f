"""What a trial leaves: one JSON file, written whole or not at all, read strictly.

`results/<profile>/records/<task>/<method>/<key>.json`; the key is the hash of everything that
determines the result, so running again finds what is there and runs only what is missing.
"""

import contextlib
import dataclasses
import glob
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import isfinite
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from data.errors import UserError
from harness.contract.heatmap_data import Heatmap
from harness.contract.scores import Score
from harness.store.base64_arrays import (
    check_bits,
    count_codes,
    unpack_bits,
    unpack_codes,
    unpack_points,
)
from harness.store.trial import Keyed, Trial, identified, names_of
from harness.system.memory import collecting_later
from harness.system.parallel import in_processes, shares
from harness.system.storage import write_atomically

SCHEMAS = {"aspects": 2}
"""Kind of task to the version of its records' meaning, probes and metrics included; 1 elsewhere.

Raised when what is measured changes. Records of a lower version stay where they are, and count as
missing. Version 2 of `aspects`: probes whose strength fits each representation, and what is kept.
"""

LATEST = max(SCHEMAS.values())

ADDED = frozenset({"grids", "texts", "pairs"})
"""Fields that records may lack, since older ones were written without them."""

STATUSES = ("done", "failed", "skipped")

FIRST_KIND = "aspects"
"""The kind of task of records that name none: the only one when they were written."""


@dataclass(frozen=True)
class Projection:
    """A representation's evaluation rows in the plane.

    `points` is base64 of uint8 [n, 2], and `rows` of the n positions among the evaluation rows.
    """

    points: str
    rows: str


@dataclass(frozen=True)
class PairRows:
    """What probes did on each minimal pair.

    `flipped` is base64 of n positions among the aspects, that of the one that differs in each pair;
    `held` has, for each representation, base64 of the pairs on which the probe of its aspect did as
    it should.
    """

    flipped: str
    held: Mapping[str, str]

    def flips(self) -> NDArray[np.int64]:
        """int64 [n]."""
        return unpack_codes(self.flipped)


@dataclass(frozen=True)
class Record:
    """One trial: done with its scores, failed with its error, or skipped with its reason.

    Attributes
    ----------
    schema : version of this layout.
    key : hash of `inputs`.
    status : `done`, `failed` or `skipped`.
    reason : why it failed or was skipped, one line; empty when done.
    trace : the last lines of the traceback of a failure.
    trial : its names in the tables.
    inputs : everything that determines the result: settings, task, contents, schema.
    counts : part (train, valid, evaluation) to cell name to rows.
    classes : aspect name to class names, in the order that numbers the cells.
    scores : everything measured.
    chance : factor to the share of its most frequent class among the evaluation rows.
    cells : base64 of the cell of each evaluation row.
    right : "representation/factor/probe" to base64 of which evaluation rows are correct.
    cell_accuracy : representation to cell name to the accuracy of the correlated classifier.
    pairs : what was told of minimal pairs, where there are any.
    projections : representation to its picture.
    grids : matrices that the method measured on itself.
    texts : what a model of texts wrote itself, as `harness.evaluation.text.samples` gives it.
    warnings : what a reader should know about the numbers.
    provenance : revision, versions, machine, times.
    """

    schema: int
    key: str
    status: str
    reason: str
    trial: Trial
    inputs: Mapping[str, Any]
    trace: str = ""
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scores: tuple[Score, ...] = ()
    chance: Mapping[str, float] = field(default_factory=dict)
    cells: str = ""
    right: Mapping[str, str] = field(default_factory=dict)
    cell_accuracy: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    pairs: PairRows | None = None
    projections: Mapping[str, Projection] = field(default_factory=dict)
    grids: tuple[Heatmap, ...] = ()
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many evaluation rows there are; 0 where a kind of task has no cells."""
        return count_codes(self.cells)

    def cell_codes(self) -> NDArray[np.int64]:
        """int64 [n]: the cell of each evaluation row; empty where a kind of task has no cells."""
        return unpack_codes(self.cells) if self.cells else np.zeros(0, dtype=np.int64)

    def correct_rows(self, representation: str, factor: str, probe: str) -> NDArray[np.bool_]:
        """bool [n]: which rows that probe has correct; KeyError where it did not run."""
        packed = self.right[f"{representation}/{factor}/{probe}"]
        return unpack_bits(packed, self.rows)

    def projection(self, representation: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """(uint8 [m, 2] points, int64 [m] their cells); KeyError where none was made."""
        packed = self.projections[representation]
        return unpack_points(packed.points), self.cell_codes()[unpack_codes(packed.rows)]

    def to_json(self) -> str:
        """The record as text; equal records give equal text."""
        content = dataclasses.asdict(self)
        content["scores"] = [
            {name: value for name, value in msgspec.structs.asdict(score).items() if value != ""}
            for score in self.scores
        ]
        return json.dumps(content, indent=1, allow_nan=False) + "\n"


def schema_of(kind: str = FIRST_KIND) -> int:
    """The version of the records that are written for a kind of task."""
    return SCHEMAS.get(kind, 1)


def kind_of(record: Record) -> str:
    """The kind of the record's task, which says how it was evaluated."""
    return str(record.inputs.get("task", {}).get("kind", FIRST_KIND))


def key_of(inputs: Mapping[str, Any]) -> str:
    """20 hexadecimal digits that stand for everything that determines a result."""
    text = json.dumps(inputs, sort_keys=True, allow_nan=False, separators=(",", ":"))
    return _hash(text.encode())


def record_path(results: Path, profile: str, keyed: Keyed) -> Path:
    """Where the record of a trial lies: a task's folder is named as its inputs name it."""
    task = identified(keyed).task
    folders = (folder_name(task), folder_name(keyed.trial.method))
    return results / profile / "records" / Path(*folders) / f"{keyed.key}.json"


def write_record(results: Path, profile: str, record: Record) -> Path:
    """Store a record atomically; UserError where the folder cannot be written."""
    path = record_path(results, profile, record)
    write_atomically(path, record.to_json())
    return path


def read_record(path: Path) -> Record:
    """One stored record; UserError where it is truncated, of a later schema, or no record."""
    return _read(str(path), {})


def _read(path: str, seen: dict[bytes, Any]) -> Record:
    """The same; what `seen` holds already, by its text, takes no memory again."""
    try:
        with open(path, "rb", buffering=0) as stream:
            content = _parsed(stream.read())
    except (OSError, ValueError, RecursionError) as error:
        raise _unreadable(path, f"not whole JSON ({error})") from error
    if not isinstance(content, dict) or "schema" not in content:
        raise _unreadable(path, "not a record")
    if content["schema"] not in range(1, LATEST + 1):
        raise _unreadable(
            path, f"of schema {content['schema']!r}, while this version reads 1 to {LATEST}"
        )
    try:
        record = _from_content(content, seen)
        _validate(record)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise _unreadable(path, f"not a valid record ({error})") from error
    if record.key != os.path.basename(path).removesuffix(".json"):
        raise _unreadable(path, f"stored under another name than its key {record.key}")
    return record


def read_records(results: Path, profile: str) -> tuple[Record, ...]:
    """All records of a profile, sorted by trial and key; read once while no file changes.

    Those of an older measure are left out.

    UserError where there is none, or one of them cannot be read.
    """
    folder = results / profile / "records"
    # A file that has changed has another size or time.
    about = ((n, os.stat(f"{folder}/{n}")) for n in glob.iglob("*/*/*.json", root_dir=folder))
    files = tuple(sorted((name, stat.st_size, stat.st_mtime_ns) for name, stat in about))
    if not files:
        raise UserError(
            f"no records in {results / profile}; run `python -m harness run --profile {profile}`"
        )
    return _read_all(folder.resolve(), files)


@lru_cache(maxsize=1)
def _read_all(folder: Path, files: tuple[tuple[str, int, int], ...]) -> tuple[Record, ...]:
    paths = [f"{folder}/{name}" for name, *_ in files]
    with collecting_later():
        parts = in_processes(_read_part, shares(paths, trials=len(paths)))
        records = [record for part in parts for record in part]
        return tuple(sorted(records, key=lambda r: (*names_of(r.trial), r.key)))


def _read_part(paths: Sequence[str]) -> list[Record]:
    with collecting_later():
        seen: dict[bytes, Any] = {}
        records = [_read(path, seen) for path in paths]
        return [record for record in records if record.schema == schema_of(kind_of(record))]


def current(records: Iterable[Record]) -> tuple[Record, ...]:
    """The records that belong in one table.

    Corpora, backbones, sizes and defaults may change while older records stay. Kept are those of a
    task's last content, of a method's and variant's last settings, and of each trial the newest, so
    that no mean is over two of a kind. What was renamed has its last name throughout.
    """
    kept: dict[Trial, Record] = {}
    last: dict[Trial, Any] = {}
    by_task: dict[tuple[str, str], list[Record]] = {}
    for record in _named_alike(records):
        by_task.setdefault((record.trial.task, record.trial.backbone), []).append(record)
    for group in by_task.values():
        group.sort(key=_age)
        newest = _content(group[-1])
        for record in group:
            if _content(record) == newest:
                kept[record.trial] = record
                last[replace(record.trial, seed=0)] = record.inputs.get("settings")
    return tuple(
        kept[trial]
        for trial in sorted(kept, key=names_of)
        if kept[trial].inputs.get("settings") == last[replace(trial, seed=0)]
    )


def _named_alike(records: Iterable[Record]) -> Iterator[Record]:
    """The same records, those of equal content under the name that it had last."""
    named: dict[str, list[Record]] = {}
    for record in records:
        same = identified(record)
        if (same.task, same.backbone) == (record.trial.task, record.trial.backbone):
            yield record
        else:
            named.setdefault(key_of({"content": _content(record)}), []).append(record)
    for same_content in named.values():
        last = max(same_content, key=_age).trial
        for record in same_content:
            trial = replace(record.trial, task=last.task, backbone=last.backbone)
            yield replace(record, trial=trial)


def _age(record: Record) -> tuple[str, str]:
    return str(record.provenance.get("started", "")), record.key


def _content(record: Record) -> tuple[Any, ...]:
    return tuple(record.inputs.get(name) for name in ("task", "corpus", "backbone"))


def folder_name(name: str) -> str:
    """A task or method as a folder is named after it."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name).lstrip(".") or "_"


def _from_content(content: dict[str, Any], seen: dict[bytes, Any]) -> Record:
    # Records from before a field was added stay what they are: without it.
    differing = (content.keys() ^ _FIELDS) - (ADDED - content.keys())
    if differing:
        raise ValueError(f"fields differ: {', '.join(sorted(differing))}")

    def once(value: Any) -> Any:
        """The first of all values that JSON writes alike: records repeat most of what they say."""
        try:
            return seen.setdefault(_encode(value), value)
        except (ValueError, OverflowError):
            # Python's JSON holds halves of surrogate pairs and numbers of any size.
            return value

    values = [score.pop("value") for score in content["scores"]]
    names = once(content["scores"])
    shared: dict[str, Any] = {
        "scores": [{**name, "value": value} for name, value in zip(names, values, strict=True)],
        "cells": once(content["cells"]),
        "trial": {name: once(value) for name, value in content["trial"].items()},
    }
    for part in ("inputs", "provenance"):
        told = content[part].items()
        shared[part] = {name: once(v) if isinstance(v, dict) else v for name, v in told}
    return msgspec.convert({**content, **shared}, Record)


_encode = msgspec.json.Encoder().encode


def _validate(record: Record) -> None:
    if record.status not in STATUSES:
        raise ValueError(f"status {record.status!r}")
    if record.key not in _keys(record.inputs):
        raise ValueError("the key is not the hash of the inputs")
    if not all(isfinite(score.value) for score in record.scores):
        raise ValueError("a score is not finite")
    if record.status == "done":
        if not record.scores:
            raise ValueError("done, but without scores")
        for packed in record.right.values():
            check_bits(packed, record.rows)
        if record.pairs is not None:
            pairs = len(record.pairs.flips())
            for packed in record.pairs.held.values():
                check_bits(packed, pairs)
        for name in record.projections:
            record.projection(name)
    elif not record.reason:
        raise ValueError(f"{record.status}, but without a reason")


def _keys(inputs: Mapping[str, Any]) -> Iterator[str]:
    """The key of these inputs, behind what it is wherever a faster writer agrees with Python's."""
    # No other inputs have a text with that hash, so the first one alone is proof enough.
    with contextlib.suppress(ValueError, OverflowError):
        yield _hash(_SORTED(inputs))
    yield key_of(inputs)


_SORTED = msgspec.json.Encoder(order="sorted").encode


def _hash(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:20]


_FIELDS = frozenset(field.name for field in dataclasses.fields(Record))


def _parsed(text: bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except (ValueError, RecursionError):
        # It takes all that is written here, and says where anything else is wrong.
        return json.loads(text, parse_constant=_refuse)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _unreadable(path: str, what: str) -> UserError:
    parents = Path(path).parents
    profile = parents[3].name if len(parents) > 3 else "quick"
    return UserError(
        f"record {path} is {what}; delete it and run `python -m harness run --profile {profile}`"
    )

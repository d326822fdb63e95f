"""Tables of a profile, pure functions of its scores.csv and records.

Each kind of task has a module here that says which: its `summary` and its `documents`.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from data.claims import claims
from harness.evidence.verdicts import judge
from harness.measurements import Measurements
from harness.storage import write_atomically
from harness.tables import latex, markdown, plain, tidy, verdicts
from harness.tables.layout import Document

FORMATS = {".md": markdown.render, ".tex": latex.render, ".csv": tidy.render}


def write_tables(results: Path, profile: str) -> list[Path]:
    """Write every table of a profile into `results/<profile>/tables`, in all formats.

    Equal scores and records give equal bytes. Tables that no longer follow from them are removed.

    Returns
    -------
    The files, sorted.

    Raises
    ------
    UserError : scores or records are missing or damaged, or the folder cannot be written.
    """
    measured = Measurements.read(results, profile)
    folder = results / profile / "tables"
    written: set[Path] = set()
    judged = verdicts.documents(profile, judge(measured, claims()))
    for document in [summary(measured, profile), *judged, *_documents(measured)]:
        for suffix, render in FORMATS.items():
            path = folder / f"{document.name}{suffix}"
            write_atomically(path, render(document), wait=False)
            written.add(path)
    for path in folder.iterdir():
        if path.suffix in FORMATS and path not in written:
            path.unlink()
    return sorted(written)


def render_summary(results: Path, profile: str) -> str:
    """The summary of a profile as text for a terminal.

    Raises
    ------
    UserError : scores or records are missing or damaged.
    """
    return plain.render(summary(Measurements.read(results, profile), profile))


def summary(measured: Measurements, profile: str) -> Document:
    """For each task and backbone one table, those of one kind of task together."""
    parts = [_of_kind(kind).summary(found) for kind, found in measured.by_kind().items()]
    return Document(
        name="summary",
        title=f"Summary of the {profile} profile, means over representations",
        tables=tuple(table for part in parts for table in part.tables),
        remarks=tuple(dict.fromkeys(remark for part in parts for remark in part.remarks)),
    )


def _documents(measured: Measurements) -> list[Document]:
    return [
        document
        for kind, found in measured.by_kind().items()
        for document in _of_kind(kind).documents(found)
    ]


def _of_kind(kind: str) -> Any:
    return import_module(f"{__name__}.{kind}")

"""Tables of a profile, pure functions of its scores.csv and records."""

from __future__ import annotations

from pathlib import Path

from data.claims import claims
from harness.evidence.verdicts import judge
from harness.measurements import Measurements
from harness.storage import write_atomically
from harness.tables import content, latex, markdown, plain, tidy, variants, verdicts
from harness.tables.columns import summary_columns
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
    written = []
    judged = verdicts.documents(profile, judge(measured, claims()))
    for document in [summary(measured, profile), *judged, *_documents(measured)]:
        for suffix, render in FORMATS.items():
            path = folder / f"{document.name}{suffix}"
            write_atomically(path, render(document))
            written.append(path)
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
    """For each task and backbone, at its main correlation, one line a method."""
    shown = measured.main_settings
    tables = [
        content.comparison(
            measured,
            setting,
            setting.title,
            summary_columns(measured, setting),
        )
        for setting in shown
    ]
    several = any(len(measured.aspects(setting)) > 2 for setting in shown)
    return Document(
        name="summary",
        title=f"Summary of the {profile} profile, means over representations",
        tables=tuple(tables),
        remarks=content.remarks(tables, several=several),
    )


def _documents(measured: Measurements) -> list[Document]:
    documents: list[Document] = []
    for setting in measured.settings:
        own = content.own_scores(measured, setting)
        documents += [
            content.main(measured, setting),
            content.matrix(measured, setting),
            content.costs(measured, setting),
            *([own] if own else []),
            *variants.documents(measured, setting),
        ]
    return documents

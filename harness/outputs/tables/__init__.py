"""Tables of a profile, pure functions of its scores.csv and records.

Each kind of task has a module here that says which: its `summary` and its `documents`; where it has
a section of its own in the report, `TITLE` heads it.
"""

from collections.abc import Iterable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from data.claims import claims
from harness.analysis.evidence.verdicts import judge
from harness.analysis.profile_scores import ProfileScores
from harness.outputs.tables import latex, markdown, plain, steadiness, tidy, tuned, verdicts
from harness.outputs.tables.layout import Document
from harness.runs.profiles import find
from harness.system.memory import collecting_later
from harness.system.parallel import in_processes, shares
from harness.system.storage import write_atomically

FORMATS = {".md": markdown.render, ".tex": latex.render, ".csv": tidy.render}


def write_tables(results: Path, profile: str) -> list[Path]:
    """Write every table of a profile into `results/<profile>/tables`, in all formats.

    Equal scores and records give equal bytes; tables that no longer follow from them are removed.
    UserError where scores or records are missing or damaged, or the folder cannot be written.
    """
    # It uses modules of this package.
    from harness.outputs import sizes

    folder = results / profile / "tables"
    with collecting_later():
        measured = ProfileScores.read(results, profile, find(profile).seeds_of)
        judged = judge(measured, claims(), seeds=find(profile).seeds_of)
        whole = [
            summary(measured, profile),
            *verdicts.documents(profile, judged),
            *tuned.documents(results / profile / "tuning"),
            *sizes.documents(sizes.side_by_side(results, measured, profile)),
            *steadiness.documents(results, profile),
        ]
        written = set(_write(folder, whole))
        for kind, found in measured.by_kind().items():
            parts = [found.part(some) for some in shares(found.conditions, trials=found.count)]
            for paths in in_processes(partial(_write_kind, folder, kind), parts):
                written.update(paths)
    for path in folder.iterdir():
        if path.suffix in FORMATS and path not in written:
            path.unlink()
    return sorted(written)


def render_summary(results: Path, profile: str) -> str:
    """The summary of a profile as text for a terminal; UserError as for `write_tables`."""
    return plain.render(
        summary(ProfileScores.read(results, profile, find(profile).seeds_of), profile)
    )


def summary(measured: ProfileScores, profile: str) -> Document:
    """For each task and backbone one table, those of one kind of task together."""
    parts = [_of_kind(kind).summary(found) for kind, found in measured.by_kind().items()]
    return Document(
        name="summary",
        title=f"Summary of the {profile} profile, means over representations",
        tables=tuple(table for part in parts for table in part.tables),
        remarks=tuple(dict.fromkeys(remark for part in parts for remark in part.remarks)),
    )


def _write_kind(folder: Path, kind: str, measured: ProfileScores) -> list[Path]:
    with collecting_later():
        return _write(folder, _of_kind(kind).documents(measured))


def _write(folder: Path, documents: Iterable[Document]) -> list[Path]:
    written = []
    for document in documents:
        for suffix, render in FORMATS.items():
            written.append(folder / f"{document.name}{suffix}")
            write_atomically(written[-1], render(document), wait=False)
    return written


def _of_kind(kind: str) -> Any:
    return import_module(f"{__name__}.{kind}")

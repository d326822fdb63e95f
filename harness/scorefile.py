"""scores.csv: every number of a profile in one long table, a pure function of its records."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from harness.records import Record, current, read_records
from harness.scores import COLUMNS
from harness.storage import write_atomically


def score_rows(records: Iterable[Record]) -> list[tuple[str, ...]]:
    """Rows in the order of `COLUMNS`, sorted; failed and skipped trials have none."""
    rows = []
    for record in current(records):
        if record.status != "done":
            continue
        trial = record.trial
        for score in record.scores:
            names = (score.representation, score.factor, score.probe, score.metric)
            sort_key = (
                trial.task,
                trial.correlation,
                trial.backbone,
                trial.method,
                trial.variant,
                trial.seed,
                *names,
            )
            row = (
                trial.task,
                _number(trial.correlation),
                trial.backbone,
                trial.method,
                trial.variant,
                str(trial.seed),
                *names,
                _number(score.value),
            )
            rows.append((sort_key, row))
    return [row for _, row in sorted(rows)]


def score_csv(records: Iterable[Record]) -> str:
    """The whole file as text; equal records give equal bytes."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(score_rows(records))
    return text.getvalue()


def write_scores(results: Path, profile: str) -> Path:
    """Rewrite `results/<profile>/scores.csv` from the stored records; UserError as reading them."""
    path = results / profile / "scores.csv"
    write_atomically(path, score_csv(read_records(results, profile)))
    return path


def _number(value: float) -> str:
    return format(value, ".10g")

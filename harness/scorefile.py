"""scores.csv: every number of a profile in one long table, a pure function of its records."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from data.errors import UserError
from harness.quantities import Contender, Measure, Setting
from harness.records import Record, current, read_records
from harness.scores import COLUMNS
from harness.storage import write_atomically

Values = Mapping[Setting, Mapping[Contender, Mapping[Measure, Mapping[int, float]]]]
"""Setting, contender, measure and seed to the number."""


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


def read_scores(results: Path, profile: str) -> Values:
    """Every number of `results/<profile>/scores.csv`.

    Raises
    ------
    UserError : it is not there, has other columns or a value that is no number.
    """
    path = results / profile / "scores.csv"
    again = f"run `python -m harness tables --profile {profile}` to make it anew"
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            header, *rows = list(csv.reader(stream)) or [[]]
    except FileNotFoundError as error:
        raise UserError(
            f"there is no {path}; run `python -m harness run --profile {profile}` first"
        ) from error
    except (OSError, ValueError, csv.Error) as error:
        raise UserError(f"{path} cannot be read ({error}); {again}") from error
    if tuple(header) != COLUMNS:
        raise UserError(f"{path} does not have the columns {', '.join(COLUMNS)}; {again}")
    values: dict[Setting, dict[Contender, dict[Measure, dict[int, float]]]] = {}
    for line, row in enumerate(rows, start=2):
        try:
            task, rho, backbone, method, variant, seed, aspect, factor, probe, metric, value = row
            setting = Setting(task, float(rho), backbone)
            number, position = float(value), int(seed)
        except ValueError as error:
            raise UserError(f"{path}, line {line}: {error}; {again}") from error
        contender = values.setdefault(setting, {}).setdefault(Contender(method, variant), {})
        contender.setdefault(Measure(metric, aspect, factor, probe), {})[position] = number
    return values


def _number(value: float) -> str:
    return format(value, ".10g")

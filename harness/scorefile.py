"""scores.csv: every number of a profile in one long table, a pure function of its records."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from pathlib import Path

from data.errors import UserError
from harness.quantities import Contender, Measure, Setting
from harness.records import Record, current, read_records
from harness.scores import COLUMNS
from harness.storage import write_atomically
from harness.trials import names_of

PART = 1 << 20
"""Letters of scores.csv that are held in memory until they are written."""

Values = Mapping[Setting, Mapping[Contender, Mapping[Measure, Mapping[int, float]]]]
"""Setting, contender, measure and seed to the number."""


def score_rows(records: Iterable[Record]) -> Iterator[tuple[str, ...]]:
    """Rows in the order of `COLUMNS`, sorted; failed and skipped trials have none."""
    # Records come sorted by the first columns, one a trial, so their own rows alone are left.
    for record in current(records):
        if record.status != "done":
            continue
        task, correlation, *names, seed = names_of(record.trial)
        trial = (task, _number(correlation), *names, str(seed))
        rows = [
            (score.representation, score.factor, score.probe, score.metric, _number(score.value))
            for score in record.scores
        ]
        rows.sort(key=itemgetter(slice(4)))
        for row in rows:
            yield (*trial, *row)


def score_csv(records: Iterable[Record]) -> Iterator[str]:
    """The file in parts, one a row or more; equal records give equal bytes."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in score_rows(records):
        writer.writerow(row)
        if text.tell() > PART:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


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
            rows = csv.reader(stream)
            if tuple(next(rows, ())) != COLUMNS:
                raise UserError(f"{path} does not have the columns {', '.join(COLUMNS)}; {again}")
            return _values(rows, f"{path}, line", again)
    except FileNotFoundError as error:
        raise UserError(
            f"there is no {path}; run `python -m harness run --profile {profile}` first"
        ) from error
    except (OSError, ValueError, csv.Error) as error:
        raise UserError(f"{path} cannot be read ({error}); {again}") from error


def _values(rows: Iterable[list[str]], line: str, again: str) -> Values:
    values: dict[Setting, dict[Contender, dict[Measure, dict[int, float]]]] = {}
    measures: dict[tuple[str, ...], Measure] = {}
    names: list[str] = []
    found: dict[Measure, dict[int, float]] = {}
    for number, row in enumerate(rows, start=2):
        try:
            # Rows of one contender follow each other.
            if row[:5] != names:
                task, rho, backbone, method, variant = names = row[:5]
                of_setting = values.setdefault(Setting(task, float(rho), backbone), {})
                found = of_setting.setdefault(Contender(method, variant), {})
            seed, aspect, factor, probe, metric, value = row[5:]
            key = (metric, aspect, factor, probe)
            measure = measures.get(key) or measures.setdefault(key, Measure(*key))
            found.setdefault(measure, {})[int(seed)] = float(value)
        except ValueError as error:
            raise UserError(f"{line} {number}: {error}; {again}") from error
    return values


def _number(value: float) -> str:
    return format(value, ".10g")

"""scores.csv: every number of a profile in one long table, a pure function of its records.

metrics.csv beside it says which direction of a metric is the better one, its bounds and its source.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from data.errors import UserError
from harness.analysis.definitions import DEFINITIONS
from harness.analysis.metrics import Condition, MethodVariant, MetricKey
from harness.contract.scores import COLUMNS
from harness.store.records import Record, current, read_records
from harness.store.trial import names_of
from harness.system.storage import write_atomically

METRIC_COLUMNS = ("metric", "of", "better", "low", "high", "title", "meaning", "source")
"""Columns of metrics.csv; `of` is `own` or `other` where the better direction hangs on it."""

PART = 10_000
"""Rows of scores.csv that are held in memory until they are written."""

Found = dict[Condition, dict[MethodVariant, dict[MetricKey, dict[int, float]]]]
Values = Mapping[Condition, Mapping[MethodVariant, Mapping[MetricKey, Mapping[int, float]]]]
"""Condition, method, measure and seed to the number."""


def score_csv(records: Iterable[Record]) -> Iterator[str]:
    """The file in parts of many rows; failed and skipped trials have none.

    Rows are sorted by what names them, and equal records give equal bytes.
    """
    parts = [f"{_line(COLUMNS)}\n"]
    # Records come sorted by the first columns, one a trial, so their own rows alone are left.
    for record in current(records):
        if record.status != "done":
            continue
        task, correlation, *others, seed = names_of(record.trial)
        trial = _line((task, _number(correlation), *others, str(seed)))
        names = tuple((s.representation, s.factor, s.probe, s.metric) for s in record.scores)
        for place, named in _ordered(names):
            parts.append(f"{trial},{named},{_number(record.scores[place].value)}\n")
        if len(parts) > PART:
            yield "".join(parts)
            parts.clear()
    yield "".join(parts)


@lru_cache(maxsize=256)
def _ordered(names: tuple[tuple[str, ...], ...]) -> list[tuple[int, str]]:
    """Positions of scores in the order of their rows, each with its part of the row."""
    return [
        (place, _line(names[place])) for place in sorted(range(len(names)), key=names.__getitem__)
    ]


def _line(words: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(words)
    return text.getvalue()[:-1]


def metrics_csv(records: Iterable[Record]) -> str:
    """What the metrics in these records mean, as far as every method has them."""
    there = {score.metric for record in records for score in record.scores}
    lines = [_line(METRIC_COLUMNS)]
    for each in DEFINITIONS.values():
        directions = {"own": each.better, "other": each.of_others}
        for of, better in (directions if each.of_others else {"": each.better}).items():
            bounds = (_number(each.low), _number(each.high))
            if each.metric in there:
                said = (each.title, each.meaning, each.source)
                lines.append(_line((each.metric, of, better, *bounds, *said)))
    return "\n".join((*lines, ""))


def write_scores(results: Path, profile: str) -> Path:
    """Rewrite `results/<profile>/scores.csv`, and metrics.csv beside it, from the stored records.

    UserError as reading them.
    """
    path = results / profile / "scores.csv"
    records = read_records(results, profile)
    write_atomically(path, score_csv(records))
    write_atomically(path.with_name("metrics.csv"), metrics_csv(records))
    return path


def read_scores(results: Path, profile: str) -> Values:
    """Every number of `results/<profile>/scores.csv`.

    UserError where it is not there, has other columns or a value that is no number.
    """
    path = results / profile / "scores.csv"
    again = f"run `python -m harness tables --profile {profile}` to make it again"
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            if tuple(next(csv.reader(stream), ())) != COLUMNS:
                raise UserError(f"{path} does not have the columns {', '.join(COLUMNS)}; {again}")
            return _values(csv.reader(stream), f"{path}, line", again)
    except FileNotFoundError as error:
        raise UserError(
            f"there is no {path}; run `python -m harness run --profile {profile}` first"
        ) from error
    except (OSError, ValueError, csv.Error) as error:
        raise UserError(f"{path} cannot be read ({error}); {again}") from error


def _values(rows: Iterable[list[str]], line: str, again: str) -> Values:
    values: Found = {}
    before: list[str] = []
    found: dict[MetricKey, dict[int, float]] = {}
    for number, row in enumerate(rows, start=2):
        try:
            *named, seed, aspect, factor, probe, metric, value = row
            # Rows of one method follow each other.
            if named != before:
                task, rho, backbone, method, variant = before = named
                of_condition = values.setdefault(Condition(task, float(rho), backbone), {})
                found = of_condition.setdefault(MethodVariant(method, variant), {})
            key = MetricKey(metric, aspect, factor, probe)
            found.setdefault(key, {})[int(seed)] = float(value)
        except ValueError as error:
            raise UserError(f"{line} {number}: {error}; {again}") from error
    return values


def _number(value: float) -> str:
    return format(value, ".10g")

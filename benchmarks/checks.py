"""Whether the numbers that are shown follow from what the trials stored.

Each check recomputes numbers from the records by the formulas of the tables, in code of its own,
and says where scores.csv, tables, report and cards differ from them.
"""

import csv
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import product
from math import hypot, isclose, nan, sqrt
from pathlib import Path

import numpy as np
from scipy import stats

from harness.analysis.condition_scores import REFERENCE
from harness.analysis.metrics import Condition, MethodVariant, MetricKey, file_name
from harness.analysis.profile_scores import ProfileScores
from harness.store.records import FIRST_KIND, Record, current, kind_of, read_records

Numbers = Mapping[MetricKey, float]
Check = Callable[[Path, str], Iterator[str]]
ByVariant = Mapping[tuple[Condition, MethodVariant], list[Record]]
Cell = tuple[str, Sequence[str], str, Mapping[str, str]]
"""Title of the table, representations, column and the cell's row of the CSV file."""

SHARES = ("target_accuracy", "leakage", "average_accuracy", "worst_group_accuracy")
PROBES = ("linear", "mlp")
CHECKED = ("target accuracy", "leakage", "gap", "DTO", "group accuracy")
"""Columns that are computed again; the others are description lengths."""


def scores_follow_from_records(results: Path, profile: str) -> Iterator[str]:
    """scores.csv has each number of each trial that is done, and no other."""
    stored = {
        (*condition, *variant, record.trial.seed, *key): value
        for condition, variant, record in _done(results, profile)
        for key, value in _numbers(record).items()
    }
    shown = {
        (
            *(row["task"], float(row["correlation"]), row["backbone"]),
            *(row["method"], row["variant"], int(row["seed"])),
            *(row["metric"], row["representation"], row["factor"], row["probe"]),
        ): float(row["value"])
        for row in _rows(results / profile / "scores.csv")
    }
    for key in stored.keys() | shown.keys():
        if not _equal(stored.get(key, nan), shown.get(key, nan)):
            yield f"scores.csv, {key}: {shown.get(key)}, the records say {stored.get(key)}"


def accuracies_follow_from_rows(results: Path, profile: str) -> Iterator[str]:
    """An accuracy is the share of correct rows, and chance that of the most frequent class."""
    for _, _, record in _done(results, profile):
        numbers, cells = _numbers(record), record.cell_codes()
        for name in record.right:
            names = name.split("/")
            right = record.correct_rows(*names)
            by_cell = [right[cells == cell].mean() for cell in np.unique(cells)]
            expected = {"average_accuracy": np.mean(by_cell), "worst_group_accuracy": min(by_cell)}
            if names[2] != "classifier":
                expected = dict.fromkeys(("target_accuracy", "leakage"), right.mean())
            for metric, value in expected.items():
                found = numbers.get(MetricKey(metric, *names), value)
                if not _equal(found, value):
                    yield f"{record.trial}: {metric} {name} is {found}, its rows say {value}"
        if kind_of(record) == FIRST_KIND:
            codes = np.unravel_index(cells, [len(names) for names in record.classes.values()])
            for factor, labels in zip(record.classes, codes, strict=True):
                if not _equal(record.chance[factor], np.bincount(labels).max() / len(cells)):
                    yield f"{record.trial}: chance of {factor} is {record.chance[factor]}"


def numbers_are_possible(results: Path, profile: str) -> Iterator[str]:
    """Shares lie between 0 and 1, times are positive, each representation is measured alike."""
    for _, _, record in _done(results, profile):
        numbers = _numbers(record)
        for key, value in numbers.items():
            if not 0 <= value <= (1 if key.metric in SHARES else np.inf) and (
                key.metric in SHARES or key.metric.endswith("seconds")
            ):
                yield f"{record.trial}: {key} is {value}"
        for grid in record.grids:
            shares = grid.name.startswith(("mask density", "mask overlap"))
            if shares and not all(0 <= value <= 1 for row in grid.values for value in row):
                yield f"{record.trial}: {grid.name} has a value that is no share"
        if kind_of(record) == FIRST_KIND:
            for a, b, probe in product(record.classes, record.classes, PROBES):
                metric = "target_accuracy" if a == b else "leakage"
                if MetricKey(metric, a, b, probe) not in numbers:
                    yield f"{record.trial}: no {probe} probe of {b} in the representation of {a}"


def untuned_separates_nothing(results: Path, profile: str) -> Iterator[str]:
    """The untuned encoder has one vector a text: leakage is the other aspect's accuracy."""
    for _, variant, record in _done(results, profile):
        numbers = _numbers(record) if variant.method == REFERENCE else {}
        for key, value in numbers.items():
            own = MetricKey("target_accuracy", key.factor, key.factor, key.probe)
            if key.metric == "leakage" and not _equal(numbers[own], value):
                yield f"{record.trial}: {key} is {value}, but {own} is {numbers[own]}"


def intervals_follow_from_records(results: Path, profile: str) -> Iterator[str]:
    """What figures draw: means over seeds with their intervals, in all settings and variants."""
    measured = ProfileScores.read(results, profile)
    for (condition, variant), records in _by_variant(results, profile).items():
        scores = measured.at(condition)
        for probe in PROBES:
            for name, metric in (
                (f"target accuracy, {probe}", scores.mean_target(probe)),
                (f"leakage, {probe}", scores.mean_leakage(probe)),
            ):
                drawn = scores.interval(variant, metric)
                shown = (drawn.mean, drawn.low, drawn.high) if drawn else ()
                expected = _expected(records, scores.aspects, name)
                if not _same(shown, expected):
                    yield f"{condition.title}, {variant.label}, {name}: {shown}, not {expected}"


def tables_follow_from_records(results: Path, profile: str) -> Iterator[str]:
    """The cells of the tables of each task with aspects, in CSV and Markdown."""
    for condition, method, records, cells in _shown(results, profile):
        text = _table(results, profile, condition, ".md").read_text(encoding="utf-8")
        if not cells:
            yield f"{condition.slug}: no number of {method}"
        for title, part, column, cell in cells:
            where = f"{condition.slug}, {title}, {method}, {column}"
            expected = _expected(records, part, column)
            found = [float(cell[c] or nan) for c in ("mean", "low", "high")]
            if not _same(found, expected):
                yield f"{where}: {found}, the records say {expected}"
            shown = cell["shown"]
            if not isclose(float(shown.split(" ")[0]), expected[0], abs_tol=0.0005 + 1e-9):
                yield f"{where}: {shown} is shown for {expected[0]}"
            if shown not in text:
                yield f"{where}: the Markdown table does not have {shown}"


def pages_follow_from_records(results: Path, profile: str) -> Iterator[str]:
    """What the tables say of each representation is on the report and on the cards."""
    report = (results / profile / "report.html").read_text(encoding="utf-8")
    main = ProfileScores.read(results, profile).main_conditions
    for condition, method, records, cells in _shown(results, profile):
        if condition not in main:
            continue
        card = results / profile / "cards" / file_name(condition.task) / f"{file_name(method)}.md"
        # A card describes what was learned; an eraser may find no direction to take out.
        scores = (score for record in records for score in record.scores)
        learned = any(s.value for s in scores if s.metric == "trainable_parameters")
        lines = card.read_text(encoding="utf-8").splitlines() if learned else []
        for title, _, column, cell in cells:
            aspect, shown = title.removesuffix(" representation"), cell["shown"]
            where = f"{condition.slug}, {title}, {method}, {column}"
            line = next((row for row in lines if row.startswith(f"| {aspect}: {column} ")), "")
            if lines and title != "Summary" and shown not in line:
                yield f"{where}: the card says {line!r}, the table {shown}"
            if f">{shown}<" not in report:
                yield f"{where}: the report does not have {shown}"


CHECKS: tuple[Check, ...] = (
    scores_follow_from_records,
    accuracies_follow_from_rows,
    numbers_are_possible,
    untuned_separates_nothing,
    intervals_follow_from_records,
    tables_follow_from_records,
    pages_follow_from_records,
)


def _done(results: Path, profile: str) -> Iterator[tuple[Condition, MethodVariant, Record]]:
    for record in current(read_records(results, profile)):
        trial = record.trial
        if record.status == "done":
            condition = Condition(trial.task, trial.correlation, trial.backbone)
            yield condition, MethodVariant(trial.method, trial.variant), record


def _by_variant(results: Path, profile: str) -> ByVariant:
    """The records of tasks with aspects, one a seed."""
    found: defaultdict[tuple[Condition, MethodVariant], list[Record]] = defaultdict(list)
    for condition, variant, record in _done(results, profile):
        if kind_of(record) == FIRST_KIND:
            found[condition, variant].append(record)
    return found


def _shown(
    results: Path, profile: str
) -> Iterator[tuple[Condition, str, Sequence[Record], list[Cell]]]:
    """Of each default variant the records, and each number that the tables show of it."""
    for (condition, variant), records in _by_variant(results, profile).items():
        if variant.variant == "default":
            aspects = sorted(records[0].classes)
            parts = {"Summary": aspects, **{f"{a} representation": [a] for a in aspects}}
            cells: list[Cell] = [
                (row["table"], parts[row["table"]], row["column"], row)
                for row in _rows(_table(results, profile, condition, ".csv"))
                if row["row"] == variant.method and row["table"] in parts
                if row["column"].startswith(CHECKED)
            ]
            yield condition, variant.method, records, cells


def _table(results: Path, profile: str, condition: Condition, suffix: str) -> Path:
    return results / profile / "tables" / f"{condition.slug}{suffix}"


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _numbers(record: Record) -> Numbers:
    return {
        MetricKey(s.metric, s.representation, s.factor, s.probe): s.value for s in record.scores
    }


def _expected(
    records: Sequence[Record], part: Collection[str], column: str
) -> tuple[float, float, float]:
    """Mean and Student's limits over seeds; the limits of a single seed are left open."""
    values = [_value(record, part, column) for record in records]
    mean, count = float(np.mean(values)), len(values)
    if count == 1:
        return mean, nan, nan
    half = stats.t.ppf(0.975, count - 1) * float(np.std(values, ddof=1)) / sqrt(count)
    return mean, mean - half, mean + half


def _value(record: Record, part: Collection[str], column: str) -> float:
    """A column's number for one trial, mean over the representations in `part`."""
    numbers = _numbers(record)
    name, _, rest = column.partition(", ")
    probe = rest.split(" ")[0]
    if name == "group accuracy":
        metric = {"average": "average_accuracy", "worst": "worst_group_accuracy"}[probe]
        return float(np.mean([numbers[MetricKey(metric, a, a, "classifier")] for a in part]))
    pairs = [(a, b) for a in part for b in record.classes if a != b]
    target = float(np.mean([numbers[MetricKey("target_accuracy", a, a, probe)] for a in part]))
    leakage = float(np.mean([numbers[MetricKey("leakage", *pair, probe)] for pair in pairs]))
    chance = float(np.mean([record.chance[factor] for _, factor in pairs]))
    return {
        "target accuracy": target,
        "leakage": leakage,
        "gap": target - leakage,
        "DTO": hypot(1 - target, leakage - chance),
    }[name]


def _equal(first: float, second: float) -> bool:
    # scores.csv and the tables keep ten digits.
    return isclose(first, second, rel_tol=1e-9, abs_tol=1e-9)


def _same(shown: Sequence[float], expected: Sequence[float]) -> bool:
    """Whether an interval is as expected, where the limits are known."""
    return len(shown) == len(expected) and all(
        np.isnan(wanted) or _equal(found, wanted)
        for found, wanted in zip(shown, expected, strict=True)
    )

"""What trials will cost, from what earlier ones did: seconds, and bytes of their records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from harness.store.records import Record
from harness.store.trial import Trial

Kind = tuple[str, ...]
"""Names that trials of like cost share; the more names, the more alike."""

LEAST_SHARE = 0.25
"""Of the time on other data: training has its steps, however few rows there are."""


class Estimates:
    """Means over the nearest earlier trials: of the same method and task, else of less alike ones.

    Skipped and failed trials say nothing about the time of one that runs through.

    `rows`: task to the rows it draws. Times of other tasks are taken in proportion to theirs.
    """

    def __init__(self, rows: Mapping[str, int] | None = None) -> None:
        self._rows = dict(rows or {})
        self._known: dict[Kind, tuple[float, float, int, int]] = {}

    @classmethod
    def of_stored(
        cls, results: Path, profile: str, *, rows: Mapping[str, int] | None = None
    ) -> Estimates:
        """From the records of a profile; those that cannot be read say nothing."""
        found = cls(rows)
        for path in (results / profile / "records").glob("*/*/*.json"):
            try:
                text = path.read_bytes()
                content = json.loads(text)
                trial, seconds = Trial(**content["trial"]), content["provenance"].get("seconds")
                status, drawn = content["status"], drawn_rows(content["counts"])
            except (OSError, ValueError, KeyError, TypeError, AttributeError):
                continue
            if status == "done" and isinstance(seconds, int | float):
                found._count(trial, float(seconds), len(text), drawn)
        return found

    def add(self, record: Record) -> None:
        """Learn from a trial that has just ended."""
        seconds = record.provenance.get("seconds")
        if record.status == "done" and seconds is not None:
            drawn = drawn_rows(record.counts)
            self._count(record.trial, float(seconds), len(record.to_json()), drawn)

    def take_over(self, other: Estimates, backbone: str, times: float) -> None:
        """Take trials under a backbone to last so many times as long as the `other` ones."""
        for (_, *names), (seconds, size, rows, count) in other._known.items():
            self._known[(backbone, *names)] = seconds * times, size, rows, count

    def seconds(self, trials: Iterable[Trial]) -> float | None:
        """Of all these trials, one after the other; None where nothing is known of one."""
        return self._total(0, trials)

    def bytes(self, trials: Iterable[Trial]) -> float | None:
        """Of the records of all these trials; None where nothing is known of one."""
        return self._total(1, trials)

    def _count(self, trial: Trial, seconds: float, size: int, drawn: int) -> None:
        for kind in _kinds(trial):
            time, space, rows, count = self._known.get(kind, (0.0, 0.0, 0, 0))
            self._known[kind] = (time + seconds, space + size, rows + drawn, count + 1)

    def _total(self, place: int, trials: Iterable[Trial]) -> float | None:
        total = 0.0
        for trial in trials:
            kind = next((kind for kind in _kinds(trial) if kind in self._known), None)
            if kind is None:
                return None
            *sums, rows, count = self._known[kind]
            wanted = self._rows.get(trial.task, 0)
            # The last name of the most alike is the task itself.
            scaled = wanted and rows and len(kind) < len(_alike(trial))
            share = max(wanted * count / rows, LEAST_SHARE) if scaled else 1
            total += sums[place] / count * share
        return total


def _kinds(trial: Trial) -> Iterator[Kind]:
    """From the trials most like this one to all of one backbone."""
    for count in (4, 3, 2, 1):
        yield _alike(trial)[:count]


def _alike(trial: Trial) -> Kind:
    return trial.backbone, trial.method, trial.variant, trial.task


def drawn_rows(counts: Mapping[str, Mapping[str, int]]) -> int:
    """The rows of a record in all parts and cells; 0 where a kind of task counts none."""
    return sum(sum(cells.values()) for cells in counts.values())


def duration(seconds: float) -> str:
    """`40 s`, `12 min` or `3 h 20 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"


def size(amount: float) -> str:
    """`12 kB`, `3.4 MB` or `1.2 GB`."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6)):
        if amount >= scale:
            return f"{amount / scale:.1f} {unit}"
    return f"{amount / 1e3:.0f} kB"

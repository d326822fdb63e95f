"""What trials will cost, from what earlier ones did: seconds, and bytes of their records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.store.records import Record
from harness.store.trial import Trial

Kind = tuple[str, ...]
"""Names that trials of like cost share; the more names, the more alike."""


class Estimates:
    """Means over the nearest earlier trials: of the same method and task, else of less alike ones.

    Skipped and failed trials say nothing about the time of one that runs through.
    """

    def __init__(self) -> None:
        self._known: dict[Kind, tuple[float, float, int]] = {}

    @classmethod
    def of_stored(cls, results: Path, profile: str) -> Estimates:
        """From the records of a profile; those that cannot be read say nothing."""
        found = cls()
        for path in (results / profile / "records").glob("*/*/*.json"):
            try:
                text = path.read_bytes()
                content = json.loads(text)
                trial, seconds = Trial(**content["trial"]), content["provenance"].get("seconds")
                status = content["status"]
            except (OSError, ValueError, KeyError, TypeError, AttributeError):
                continue
            if status == "done" and isinstance(seconds, int | float):
                found._count(trial, float(seconds), len(text))
        return found

    def add(self, record: Record) -> None:
        """Learn from a trial that has just ended."""
        seconds = record.provenance.get("seconds")
        if record.status == "done" and seconds is not None:
            self._count(record.trial, float(seconds), len(record.to_json()))

    def seconds(self, trials: Iterable[Trial]) -> float | None:
        """Of all these trials, one after the other; None where nothing is known of one."""
        return self._total(0, trials)

    def bytes(self, trials: Iterable[Trial]) -> float | None:
        """Of the records of all these trials; None where nothing is known of one."""
        return self._total(1, trials)

    def _count(self, trial: Trial, seconds: float, size: int) -> None:
        for kind in _kinds(trial):
            time, space, count = self._known.get(kind, (0.0, 0.0, 0))
            self._known[kind] = (time + seconds, space + size, count + 1)

    def _total(self, place: int, trials: Iterable[Trial]) -> float | None:
        total = 0.0
        for trial in trials:
            sums = next((self._known[k] for k in _kinds(trial) if k in self._known), None)
            if sums is None:
                return None
            total += sums[place] / sums[2]
        return total


def _kinds(trial: Trial) -> Iterator[Kind]:
    """From the trials most like this one to all of one backbone."""
    names = (trial.backbone, trial.method, trial.variant, trial.task)
    for count in (4, 3, 2, 1):
        yield names[:count]


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

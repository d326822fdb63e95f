"""How far a run is: one bar over all trials on a terminal, fields of log lines elsewhere."""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from harness.runs.estimates import Estimates, duration
from harness.store.records import Record
from harness.store.trial import Trial

SHOWN = 3
"""Running trials that a bar names; the others are counted."""


class Overview:
    """What is done, what runs, and how long the rest will take.

    `todo`: all trials of the run. `estimates`: from earlier trials; it learns from those that end.
    """

    def __init__(self, todo: Sequence[Trial], estimates: Estimates) -> None:
        from tqdm import tqdm

        self._left = Counter(map(_alike, todo))
        self._estimates = estimates
        self._running: dict[Trial, None] = {}
        self._workers = 1
        self._bar = tqdm(
            total=len(todo),
            file=sys.stderr,
            disable=not sys.stderr.isatty(),
            dynamic_ncols=True,
            bar_format="{n_fmt}/{total_fmt} |{bar:20}| {desc}",
        )

    def close(self) -> None:
        """Nothing more will be told."""
        self._bar.close()

    def started(self, trial: Trial) -> None:
        """The trial is on its way to a worker."""
        self._running[trial] = None
        self._workers = max(self._workers, len(self._running))
        self._draw(0)

    def ended(self, trial: Trial, record: Record | None) -> None:
        """The trial has ended; without a record where another run has done it."""
        self._running.pop(trial, None)
        self._left[_alike(trial)] -= 1
        if record is not None:
            self._estimates.add(record)
        self._draw(1)

    def fields(self) -> dict[str, Any]:
        """What a log line says of the run: how many trials run, and the time left."""
        left = self.seconds_left()
        said = {"running": len(self._running), "left": left and duration(left)}
        return {name: value for name, value in said.items() if value}

    def seconds_left(self) -> float | None:
        """Until the last trial ends, with as many at a time as there were; None if unknown."""
        total = 0.0
        for trial, count in self._left.items():
            one = self._estimates.seconds([trial]) if count else 0.0
            if one is None:
                return None
            total += one * count
        return total / self._workers

    def _draw(self, step: int) -> None:
        left = self.seconds_left()
        named = ", ".join(map(str, list(self._running)[:SHOWN]))
        more = len(self._running) - SHOWN
        until = "" if left is None else f"{duration(left)} left; "
        others = f" and {more} more" if more > 0 else ""
        self._bar.set_description_str(until + named + others, refresh=False)
        self._bar.update(step)
        self._bar.refresh()


def _alike(trial: Trial) -> Trial:
    """One trial for all that are expected to take equally long."""
    return replace(trial, seed=0, correlation=0.5)

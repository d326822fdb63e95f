"""What a worker process does with a job: load once, keep quiet, watch the time, report.

A worker writes no record and prints nothing. What it needs comes as a `Recipe`, from which it
makes corpora and backbones the first time and keeps them for the trials that follow.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import signal
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import UserError
from harness.runs.executors.job import Job, Note, Report
from harness.runs.profiles import Profile
from harness.runs.runner import run_trial
from harness.runs.trial_inputs import TrialInputs
from harness.system.logs import LOGGER

if TYPE_CHECKING:
    from data.tasks import Task
    from harness.encoders.backbones import Backbone

WATCH_SECONDS = 1.0
"""How often a worker looks whether its driver is still there."""

NOTES = 20
"""Warnings of one trial that are passed on."""


@dataclass(frozen=True, eq=False)
class Recipe:
    """What `TrialInputs` are made of, small enough to send.

    Attributes
    ----------
    profile, tasks, data_dir, packages, resolve : see `TrialInputs`.
    timeout : seconds that a trial may take, or None.
    name : tells one run's recipe from another's.
    """

    profile: Profile
    tasks: Mapping[str, Task]
    data_dir: Path | None
    packages: tuple[str, ...]
    resolve: Callable[[str], Backbone]
    timeout: float | None = None
    name: str = field(default_factory=lambda: uuid.uuid4().hex)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Recipe) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    @classmethod
    def of(cls, trial_inputs: TrialInputs, *, timeout: float | None = None) -> Recipe:
        """The recipe of what a driver has."""
        return cls(
            trial_inputs.profile,
            trial_inputs.tasks,
            # A worker may stand in another folder.
            None if trial_inputs.data_dir is None else Path(trial_inputs.data_dir).resolve(),
            trial_inputs.packages,
            trial_inputs.resolve,
            timeout,
        )

    def trial_inputs(self) -> TrialInputs:
        """Nothing is loaded yet."""
        return TrialInputs(
            self.profile,
            self.tasks,
            data_dir=self.data_dir,
            packages=self.packages,
            resolve=self.resolve,
        )


class Workbench:
    """TrialInputs of one recipe, and trials done with them."""

    def __init__(self, recipe: Recipe) -> None:
        self._materials = recipe.trial_inputs()
        self._timeout = recipe.timeout

    def run(self, job: Job, *, threads: int) -> Report:
        """Run one trial; nothing that it does but the death of the process goes past the report.

        Parameters
        ----------
        threads : for everything that computes.

        Raises
        ------
        UserError : this process has not what the driver has.
        """
        with _silence(), _notes() as notes, _threads(threads):
            try:
                record = run_trial(
                    job.trial,
                    self._materials,
                    place=job.place,
                    key=job.key,
                    timeout=self._timeout,
                )
            except UserError as error:
                # Of the one class that every process can make again from its message.
                raise UserError(str(error)) from None
            gc.collect()
        return Report(record, tuple(notes))


@lru_cache(maxsize=1)
def workbench(recipe: Recipe) -> Workbench:
    """The one that this process keeps for a recipe: what is loaded stays for the next trial."""
    return Workbench(recipe)


def follow_parent() -> None:
    """End this process soon after the one that started it, whatever it is doing.

    A driver that is killed cannot end its workers, and nobody would read what they find.
    """
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(WATCH_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="follow parent", daemon=True).start()


def leave_interrupts_to_the_driver() -> None:
    """Ctrl-C on a terminal reaches every process; the driver alone decides what it means."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextlib.contextmanager
def _threads(count: int) -> Iterator[None]:
    import torch
    from threadpoolctl import threadpool_limits

    torch.set_num_threads(count)
    with threadpool_limits(limits=count):
        yield


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Whatever is printed, by Python or below it, goes nowhere: nobody reads a worker's output."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(number) for number in (1, 2)]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        for number in (1, 2):
            os.dup2(nowhere, number)
        with (
            open(os.devnull, "w", encoding="utf-8") as stream,
            contextlib.redirect_stdout(stream),
            contextlib.redirect_stderr(stream),
        ):
            yield
    finally:
        for number, handle in zip((1, 2), kept, strict=True):
            os.dup2(handle, number)
            os.close(handle)
        os.close(nowhere)


class _Collector(logging.Handler):
    def __init__(self, notes: list[Note]) -> None:
        super().__init__(logging.WARNING)
        self._notes = notes

    def emit(self, record: logging.LogRecord) -> None:
        if len(self._notes) < NOTES:
            fields = {k: str(v) for k, v in getattr(record, "fields", {}).items()}
            self._notes.append(Note(record.getMessage(), fields))


@contextlib.contextmanager
def _notes() -> Iterator[list[Note]]:
    notes: list[Note] = []
    collector = _Collector(notes)
    LOGGER.addHandler(collector)
    before, LOGGER.propagate = LOGGER.propagate, False
    try:
        yield notes
    finally:
        LOGGER.removeHandler(collector)
        LOGGER.propagate = before

"""What a worker process does with a trial: load once, keep quiet, watch the time, report.

A worker writes no record and prints nothing. What it needs comes as a `Recipe`; the corpora and
backbones that it loads are kept for the trials that follow.
"""

import contextlib
import gc
import logging
import os
import signal
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from data.errors import UserError
from harness.runs.executors.job import Note, Report
from harness.runs.runner import run_trial
from harness.runs.trial_inputs import TrialInputs
from harness.store.trial import Trial
from harness.system.logs import LOGGER

WATCH_SECONDS = 1.0
"""How often a worker looks whether its driver is still there."""

NOTES = 20
"""Warnings of one trial that are passed on."""


@dataclass(frozen=True)
class Recipe:
    """What a worker makes its trials from, small enough to send.

    Attributes
    ----------
    trial_inputs : of the driver; they arrive without anything that it has loaded.
    timeout : seconds that a trial may take, or None.
    name : tells one run's recipe from another's.
    """

    trial_inputs: TrialInputs = field(compare=False)
    timeout: float | None = None
    name: str = field(default_factory=lambda: uuid.uuid4().hex)


def run_here(recipe: Recipe, trial: Trial, key: str, *, place: str, threads: int) -> Report:
    """Run one trial; nothing that it does but the death of the process goes past the report.

    Parameters
    ----------
    key : of its record, as the driver has it.
    place : of the trial among all that run.
    threads : for everything that computes.

    Raises
    ------
    UserError : this process has not what the driver has.
    """
    with _silence(), _notes() as notes, _threads(threads):
        try:
            trial_inputs = _kept(recipe)
            prepared = trial_inputs.prepare(trial)
            if prepared.key != key:
                raise UserError(
                    f"{trial} has other contents here than where it was asked for; give every "
                    "worker the same corpora, backbones and version of the project"
                )
            record = run_trial(prepared, trial_inputs, place=place, timeout=recipe.timeout)
        except UserError as error:
            # Of the one class that every process can make again from its message.
            raise UserError(str(error)) from None
        gc.collect()
    return Report(record, tuple(notes))


@lru_cache(maxsize=1)
def _kept(recipe: Recipe) -> TrialInputs:
    """The first that came with this recipe: what is loaded stays for the next trial."""
    return recipe.trial_inputs


def follow_driver() -> None:
    """Leave interrupts to the driver, and end this process soon after it, whatever it is doing.

    Ctrl-C on a terminal reaches every process; the driver alone decides what it means. A driver
    that is killed cannot end its workers, and nobody would read what they find.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(WATCH_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="follow driver", daemon=True).start()


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
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        try:
            for number in (1, 2):
                os.dup2(nowhere.fileno(), number)
            with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
                yield
        finally:
            for number, handle in zip((1, 2), kept, strict=True):
                os.dup2(handle, number)
                os.close(handle)


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.notes: list[Note] = []

    def emit(self, record: logging.LogRecord) -> None:
        if len(self.notes) < NOTES:
            fields = {k: str(v) for k, v in getattr(record, "fields", {}).items()}
            self.notes.append(Note(record.getMessage(), fields))


@contextlib.contextmanager
def _notes() -> Iterator[list[Note]]:
    collector = _Collector()
    LOGGER.addHandler(collector)
    before, LOGGER.propagate = LOGGER.propagate, False
    try:
        yield collector.notes
    finally:
        LOGGER.removeHandler(collector)
        LOGGER.propagate = before

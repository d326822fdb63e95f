"""The run as a whole: what is missing is handed to an executor, and every end becomes a record.

The driver alone writes records, as soon as a trial has ended: whatever dies, a worker, a node or
the driver itself, costs no more than the trials that were in flight.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data.errors import UserError
from harness.evaluation import check
from harness.runs.estimates import Estimates
from harness.runs.executors.dispatch import ended
from harness.runs.executors.job import Ended, Executor, Job, Lost
from harness.runs.executors.serial import Serial
from harness.runs.overview import Overview
from harness.runs.runner import identity
from harness.runs.trackers import Tracker
from harness.runs.trial_inputs import TrialInputs
from harness.store.provenance import provenance
from harness.store.records import Record, read_record, record_path, write_record
from harness.store.trial import Trial
from harness.system.logs import event, warn
from harness.system.storage import check_writable


@dataclass(frozen=True)
class Outcome:
    """What became of a run.

    Attributes
    ----------
    stored : trials that were found done or skipped, those of another run in the meantime included.
    done, skipped, failed : trials that ran now; for the last two with the reason.
    """

    stored: tuple[Trial, ...]
    done: tuple[Trial, ...]
    skipped: tuple[tuple[Trial, str], ...]
    failed: tuple[tuple[Trial, str], ...]


def missing(
    trials: Sequence[Trial], trial_inputs: TrialInputs, results: Path, *, again: bool = False
) -> tuple[Trial, ...]:
    """The trials without a record that stands: failed and unreadable ones run again.

    Raises
    ------
    UserError : a corpus, a backbone or a method cannot be had.
    """
    if again:
        return tuple(trials)
    profile = trial_inputs.profile.name
    return tuple(
        trial
        for trial in trials
        if not _stands(record_path(results, profile, trial, trial_inputs.key(trial)))
    )


def run(
    trials: Sequence[Trial],
    trial_inputs: TrialInputs,
    results: Path,
    *,
    again: bool = False,
    executor: Executor | None = None,
    trackers: Sequence[Tracker] = (),
) -> Outcome:
    """Run the trials that are missing and store a record of each as it ends.

    A trial that raises, or whose worker is killed twice, is recorded as failed and the others go
    on; an interruption, or a folder that cannot be written, ends the run with every finished
    record in place. Another run on the same results does no harm: what it has stored when a trial
    is about to start here is left out.

    Parameters
    ----------
    again : run them all, whatever is stored; a record that is done is replaced only by another.
    executor : where trials run; by default here, one after the other. It is closed at the end.
    trackers : told of every trial that ends.

    Raises
    ------
    UserError : bad input, found before anything runs, or results that cannot be stored.
    """
    executor = executor or Serial(trial_inputs)
    with contextlib.closing(executor):
        check_writable(results / trial_inputs.profile.name / "records")
        todo = missing(trials, trial_inputs, results, again=again)
        for trial in {(t.task, t.correlation): t for t in reversed(todo)}.values():
            check(trial_inputs.tasks[trial.task].kind, trial_inputs.splits(trial))
        return _Run(trials, todo, trial_inputs, results, again, trackers).through(executor)


@dataclass
class _Run:
    """One run under way."""

    trials: Sequence[Trial]
    todo: Sequence[Trial]
    trial_inputs: TrialInputs
    results: Path
    again: bool
    trackers: Sequence[Tracker]
    done: list[Trial] = field(default_factory=list)
    skipped: list[tuple[Trial, str]] = field(default_factory=list)
    failed: list[tuple[Trial, str]] = field(default_factory=list)

    def through(self, executor: Executor) -> Outcome:
        """Run everything and tell what became of it."""
        estimates = Estimates.of_stored(self.results, self.profile)
        stored = len(self.trials) - len(self.todo)
        event("plan", trials=len(self.trials), stored=stored, missing=len(self.todo))
        # A single worker is this process, which draws bars of its own.
        overview = Overview(self.todo, estimates, bar=not isinstance(executor, Serial))
        with overview as self.overview:
            jobs = ended(executor, self._jobs(), lambda job: overview.started(job.trial))
            for job, end in jobs:
                record = self._record(job, end)
                # Stored first: nothing that comes after it can lose it.
                self._store(record)
                self._tell(job, record, end)
        ran = {*self.done, *(t for t, _ in self.skipped), *(t for t, _ in self.failed)}
        return Outcome(
            tuple(trial for trial in self.trials if trial not in ran),
            tuple(self.done),
            tuple(self.skipped),
            tuple(self.failed),
        )

    @property
    def profile(self) -> str:
        return self.trial_inputs.profile.name

    def _jobs(self) -> Iterator[Job]:
        for number, trial in enumerate(self.todo, start=1):
            key = self.trial_inputs.key(trial)
            path = record_path(self.results, self.profile, trial, key)
            if not self.again and _stands(path, said=True):
                event("stored by another run", what=str(trial))
                self.overview.ended(trial, None)
                continue
            resources = self.trial_inputs.resources(trial)
            yield Job(trial, key, f"{number}/{len(self.todo)}", resources)

    def _record(self, job: Job, end: Ended) -> Record:
        if not isinstance(end, Lost):
            return end.record
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return Record(
            **identity(job.trial, self.trial_inputs.inputs(job.trial)),
            status="failed",
            reason=f"{end.reason}, {job.attempt} times",
            provenance={**provenance(), "started": now},
        )

    def _store(self, record: Record) -> None:
        path = record_path(self.results, self.profile, record.trial, record.key)
        if record.status == "failed" and _stands(path, said=True):
            return
        write_record(self.results, self.profile, record)

    def _tell(self, job: Job, record: Record, end: Ended) -> None:
        trial = record.trial
        self.overview.ended(trial, record)
        fields: dict[str, Any] = {"trial": job.place, "what": str(trial)}
        if record.status == "done":
            self.done.append(trial)
            event("done", **fields, seconds=record.provenance["seconds"], **self.overview.fields())
        elif record.status == "skipped":
            self.skipped.append((trial, record.reason))
            event("skipped", **fields, reason=record.reason)
        else:
            self.failed.append((trial, record.reason))
            warn("failed", **fields, error=record.reason)
        for warning in record.warnings:
            warn("doubtful score", what=str(trial), why=warning)
        for note in () if isinstance(end, Lost) else end.notes:
            warn(note.message, what=str(trial), **note.fields)
        for tracker in self.trackers:
            tracker.ended(record)


def _stands(path: Path, *, said: bool = False) -> bool:
    """Whether there is a record that need not be made; `said`: what is damaged was named before."""
    if not path.exists():
        return False
    try:
        return read_record(path).status != "failed"
    except UserError as error:
        if not said:
            warn("unreadable record runs again", record=str(path), error=str(error))
        return False

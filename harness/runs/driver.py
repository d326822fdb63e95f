"""The run as a whole: what is missing is handed to an executor, and every end becomes a record.

The driver alone writes records, as soon as a trial has ended: whatever dies, a worker, a node or
the driver itself, costs no more than the trials that were in flight.
"""

import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum, auto
from pathlib import Path

from data.errors import UserError
from data.rows import Splits
from harness.evaluation import check
from harness.evaluation.evaluation import Evaluation
from harness.runs.claims import Claims
from harness.runs.estimates import Estimates
from harness.runs.executors.job import Ended, Executor, Job, Lost, Report
from harness.runs.executors.serial import Serial
from harness.runs.overview import Overview
from harness.runs.runner import record_of
from harness.runs.trial_inputs import PreparedTrial, TrialInputs
from harness.store.draws import draw_key, draw_path, write_draw
from harness.store.records import FIRST_KIND, Record, read_record, record_path, write_record
from harness.store.trial import Trial
from harness.system.logs import event, warn
from harness.system.storage import check_writable

ATTEMPTS = 2
"""A worker may be killed for what others did to the machine; twice is no accident."""

LOOK_SECONDS = 0.5
"""How often a run that has nothing else to do looks what another one has left."""


@dataclass(frozen=True)
class Outcome:
    """What became of a run.

    `stored`: trials that were found done or skipped, those of another run in the meantime included.
    `done`, `skipped`, `failed`: trials that ran now; for the last two with the reason.
    """

    stored: tuple[Trial, ...]
    done: tuple[Trial, ...]
    skipped: tuple[tuple[Trial, str], ...]
    failed: tuple[tuple[Trial, str], ...]


def missing(
    trials: Sequence[Trial], trial_inputs: TrialInputs, results: Path, *, again: bool = False
) -> tuple[PreparedTrial, ...]:
    """The trials without a record that stands: failed and unreadable ones run again.

    UserError where a corpus, a backbone or a method cannot be had.
    """
    prepared = (trial_inputs.prepare(trial) for trial in trials)
    profile = trial_inputs.profile.name
    return tuple(each for each in prepared if again or not _stands(_path(results, profile, each)))


def run(
    trials: Sequence[Trial],
    trial_inputs: TrialInputs,
    results: Path,
    *,
    again: bool = False,
    executor: Executor | None = None,
    estimates: Estimates | None = None,
    trackers: Sequence[Callable[[Record], None]] = (),
) -> Outcome:
    """Run the trials that are missing and store a record of each as it ends.

    A trial that raises, or whose worker is killed twice, is recorded as failed and the others go
    on; an interruption, or a folder that cannot be written, ends the run with every finished
    record in place. Several runs on the same results share the work: each takes the trials that no
    other has taken, and waits at its end for those of the others, to take over what a killed one
    has left.

    Parameters
    ----------
    again : run them all, whatever is stored; a record that is done is replaced only by another.
    estimates : what trials take; by default from the records of the profile.
    executor : where trials run; by default here, one after the other. It is closed at the end.
    trackers : called with the record of every trial that ends; what they raise ends the run.

    Raises
    ------
    UserError : bad input, found before anything runs, or results that cannot be stored.
    """
    executor = executor or Serial(trial_inputs)
    profile = trial_inputs.profile.name
    ended: dict[Trial, tuple[str, str]] = {}
    with contextlib.closing(executor):
        check_writable(results / profile / "records")
        prepared = [trial_inputs.prepare(trial) for trial in trials]
        todo = [p for p in prepared if again or not _stands(_path(results, profile, p))]
        for each in {(p.trial.task, p.trial.correlation): p for p in reversed(todo)}.values():
            check(each.task.kind, trial_inputs.splits(each.trial))
        _keep_draws(prepared, trial_inputs, results)
        event("plan", trials=len(trials), stored=len(trials) - len(todo), missing=len(todo))
        estimates = estimates or Estimates.of_stored(results, profile)
        overview = Overview([each.trial for each in todo], estimates)
        claims = Claims(results / profile / "claims")
        with contextlib.closing(overview), contextlib.closing(claims):

            def take(job: Job) -> Taken:
                if not claims.take(job.prepared.key):
                    return Taken.ELSEWHERE
                if job.attempt > 1 or again:
                    return Taken.HERE
                # Looked at under the claim: what another run did before is stored by now.
                if not _stands(_path(results, profile, job.prepared), said=True):
                    return Taken.HERE
                claims.release(job.prepared.key)
                event("stored by another run", what=str(job.trial))
                overview.ended(job.trial, None)
                return Taken.STORED

            jobs = [
                Job(each, f"{number}/{len(todo)}", trial_inputs.resources(each.trial))
                for number, each in enumerate(todo, start=1)
            ]
            for job, end in dispatch(executor, jobs, lambda job: overview.started(job.trial), take):
                record = _record(job, end)
                # Stored first: nothing that comes after it can lose it.
                path = _path(results, profile, job.prepared)
                if record.status != "failed" or not _stands(path, said=True):
                    write_record(results, profile, record)
                claims.release(job.prepared.key)
                overview.ended(job.trial, record)
                ended[job.trial] = record.status, record.reason
                _log(job, record, end, overview)
                for tracker in trackers:
                    tracker(record)
    ends = {
        wanted: tuple((trial, why) for trial, (status, why) in ended.items() if status == wanted)
        for wanted in ("done", "skipped", "failed")
    }
    stored = tuple(trial for trial in trials if trial not in ended)
    done = tuple(trial for trial, _ in ends["done"])
    return Outcome(stored, done, ends["skipped"], ends["failed"])


def _keep_draws(
    prepared: Sequence[PreparedTrial], trial_inputs: TrialInputs, results: Path
) -> None:
    """Store which rows are evaluated, for trials whose records stand already too."""
    profile = trial_inputs.profile.name
    # Other kinds of tasks have no cells, and their rows are not paired.
    drawn = [each for each in prepared if each.task.kind == FIRST_KIND]
    for each in {draw_key(p.inputs): p for p in reversed(drawn)}.values():
        if not draw_path(results, profile, each.inputs).exists():
            splits = trial_inputs.splits(each.trial)
            assert isinstance(splits, Splits)
            rows, pairs = splits.evaluation, splits.pairs
            of_pairs = None if pairs is None else pairs.groups
            write_draw(results, profile, each.inputs, rows.ids, rows.groups, of_pairs)


class Taken(Enum):
    """What becomes of a job that could start: it is this run's, another run's, or stored."""

    HERE = auto()
    ELSEWHERE = auto()
    STORED = auto()


def dispatch(
    executor: Executor,
    jobs: Iterable[Job],
    started: Callable[[Job], None],
    take: Callable[[Job], Taken] = lambda _: Taken.HERE,
) -> Iterator[tuple[Job, Ended]]:
    """Run jobs as room appears, and yield each with its end, in the order in which they end.

    A job stays lost only where its worker was killed `ATTEMPTS` times. Those that another run has
    taken are asked for again until they are stored, or free since that run was killed.

    `started`: called with every job that goes to a worker. `take`: asked about a job when there is
    room for it.
    """
    waiting = deque(jobs)
    running = 0
    while waiting or running:
        for _ in range(len(waiting)):
            if not executor.has_room(waiting[0]):
                break
            job = waiting.popleft()
            taken = take(job)
            if taken is Taken.ELSEWHERE:
                waiting.append(job)
            elif taken is Taken.HERE:
                executor.start(job)
                started(job)
                running += 1
        if not running:
            if waiting:
                time.sleep(LOOK_SECONDS)
            continue
        job, end = executor.wait()
        running -= 1
        if isinstance(end, Lost) and job.attempt < ATTEMPTS:
            warn("trial is tried once more", what=str(job.trial), why=end.reason)
            waiting.appendleft(replace(job, attempt=job.attempt + 1))
        else:
            yield job, end


def _record(job: Job, end: Ended) -> Record:
    if isinstance(end, Report):
        return end.record
    now = {"started": datetime.now(UTC).isoformat(timespec="seconds")}
    reason = f"{end.reason}, {job.attempt} times"
    return record_of(job.prepared, "failed", now, reason=reason, found=Evaluation())


def _log(job: Job, record: Record, end: Ended, overview: Overview) -> None:
    what = str(record.trial)
    if record.status == "done":
        seconds = record.provenance["seconds"]
        event("done", trial=job.place, what=what, seconds=seconds, **overview.fields())
    elif record.status == "skipped":
        event("skipped", trial=job.place, what=what, reason=record.reason)
    else:
        warn("failed", trial=job.place, what=what, error=record.reason)
    for warning in record.warnings:
        warn("doubtful score", what=what, why=warning)
    for note in end.notes if isinstance(end, Report) else ():
        warn(note.message, what=what, **note.fields)


def _path(results: Path, profile: str, prepared: PreparedTrial) -> Path:
    return record_path(results, profile, prepared)


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

"""Handing jobs to an executor as room appears; a second try where the worker was killed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from harness.runs.executors.job import Ended, Executor, Job, Lost
from harness.system.logs import warn

ATTEMPTS = 2
"""A worker may be killed for what others did to the machine; twice is no accident."""


def ended(
    executor: Executor, jobs: Iterable[Job], started: Callable[[Job], None]
) -> Iterator[tuple[Job, Ended]]:
    """Run jobs, and yield each with its end, in the order in which they end.

    Jobs are taken one by one, when there is room for them: what an iterator leaves out in the
    meantime never starts. A job stays lost only where its worker was killed `ATTEMPTS` times.

    Parameters
    ----------
    started : called with every job that goes to a worker.
    """
    source = iter(jobs)
    again: list[Job] = []
    running = 0
    coming = next(source, None)
    while True:
        while again or coming is not None:
            job = again[0] if again else coming
            assert job is not None
            if not executor.has_room(job):
                break
            executor.start(job)
            started(job)
            running += 1
            if again:
                again.pop(0)
            else:
                coming = next(source, None)
        if not running:
            return
        job, end = executor.wait()
        running -= 1
        if isinstance(end, Lost) and job.attempt < ATTEMPTS:
            warn("trial is tried once more", what=str(job.trial), why=end.reason)
            again.append(replace(job, attempt=job.attempt + 1))
        else:
            yield job, end

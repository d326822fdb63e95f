"""Trials in worker processes of this machine, on loky.

Each worker is a loky pool of one process, so that a worker that is killed takes nothing along but
the trial that it runs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from harness.contract.resources import Resources
from harness.runs.executors.job import Ended, Job, Lost, Report
from harness.runs.executors.worker import Recipe, follow_driver, run_here

if TYPE_CHECKING:
    from loky import ProcessPoolExecutor

LIBRARIES = ("OMP", "MKL", "OPENBLAS", "NUMEXPR")
THREAD_VARIABLES = [f"{library}_NUM_THREADS" for library in LIBRARIES]
"""What libraries read their number of threads from when they are loaded."""

SHARE_OF_MEMORY = 0.9
"""Of the machine's memory, what trials may ask for in all."""

GIB = 2.0**30


@dataclass(eq=False)
class _Slot:
    """A worker, started when it is first used, and what it does."""

    gpu: str | None
    pool: ProcessPoolExecutor | None = None
    job: Job | None = None
    needs: Resources = field(default_factory=Resources)


class Local:
    """Worker processes that share this machine's cores, memory and GPUs.

    Parameters
    ----------
    recipe : what each worker makes its trial inputs from.
    workers : trials at a time, at most.
    threads : cores in all; a worker computes on its share, or on what its trial asks for.
    gpus : what CUDA_VISIBLE_DEVICES calls each GPU; workers take turns on them.
    memory_gib : in all; by default nine tenths of the machine's.
    """

    def __init__(
        self,
        recipe: Recipe,
        *,
        workers: int,
        threads: int,
        gpus: Sequence[str] = (),
        memory_gib: float | None = None,
    ) -> None:
        self._recipe = recipe
        self._share = max(threads // workers, 1)
        self._cores = max(threads, workers)
        self._memory = machine_memory() * SHARE_OF_MEMORY if memory_gib is None else memory_gib
        self._slots = [_Slot(gpus[i % len(gpus)] if gpus else None) for i in range(workers)]
        self._running: dict[Future[Report], _Slot] = {}

    def has_room(self, job: Job) -> bool:
        """Whether a worker is idle and what is left of the machine suffices."""
        return self._idle(self._needs(job)) is not None

    def start(self, job: Job) -> None:
        """Send the job to an idle worker, or to a new one."""
        needs = self._needs(job)
        slot = self._idle(needs)
        assert slot is not None
        slot.job, slot.needs = job, needs
        trial, key = job.trial, job.prepared.key
        run = partial(run_here, self._recipe, trial, key, place=job.place, threads=needs.cores)
        try:
            slot.pool = slot.pool or self._pool(slot)
            future = slot.pool.submit(run)
        except RuntimeError:
            # The worker was killed while it had nothing to do.
            slot.pool = self._pool(slot)
            future = slot.pool.submit(run)
        self._running[future] = slot

    def wait(self) -> tuple[Job, Ended]:
        """Block until a worker has ended its trial, or has been killed."""
        from loky.process_executor import BrokenProcessPool

        done, _ = wait(self._running, return_when=FIRST_COMPLETED)
        future = done.pop()
        slot = self._running.pop(future)
        job, slot.job = slot.job, None
        assert job is not None
        try:
            return job, future.result()
        except BrokenProcessPool as error:
            assert slot.pool is not None
            slot.pool.shutdown(wait=False, kill_workers=True)
            slot.pool = None
            return job, Lost(_how(error))

    def close(self) -> None:
        """Kill the workers."""
        for slot in self._slots:
            if slot.pool is not None:
                slot.pool.shutdown(wait=True, kill_workers=True)
                slot.pool = None
        self._running.clear()

    def _needs(self, job: Job) -> Resources:
        """What the job is given: at least a worker's share of the cores, at most all there is."""
        asked = job.resources
        return Resources(
            min(max(asked.cores, self._share), self._cores),
            min(asked.gpu, 1.0),
            min(asked.memory_gib, self._memory),
        )

    def _idle(self, needs: Resources) -> _Slot | None:
        busy = [slot for slot in self._slots if slot.job is not None]
        if sum(slot.needs.cores for slot in busy) + needs.cores > self._cores:
            return None
        if sum(slot.needs.memory_gib for slot in busy) + needs.memory_gib > self._memory:
            return None
        for slot in self._slots:
            shared = sum(other.needs.gpu for other in busy if other.gpu == slot.gpu)
            if slot.job is None and (slot.gpu is None or shared + needs.gpu <= 1.0):
                return slot
        return None

    def _pool(self, slot: _Slot) -> ProcessPoolExecutor:
        from loky import ProcessPoolExecutor

        environment = dict.fromkeys(THREAD_VARIABLES, str(self._share))
        if slot.gpu is not None:
            environment["CUDA_VISIBLE_DEVICES"] = slot.gpu
        return ProcessPoolExecutor(1, timeout=None, initializer=follow_driver, env=environment)


def machine_memory() -> float:
    """Main memory of this machine in gibibytes; plenty where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    except (OSError, ValueError):
        return float(2**20)


def visible_gpus() -> tuple[str, ...]:
    """What CUDA_VISIBLE_DEVICES calls the GPUs that this process may use; none without CUDA."""
    import torch

    if not torch.cuda.is_available():
        return ()
    named = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    numbers = [str(number) for number in range(torch.cuda.device_count())]
    return tuple(name.strip() for name in named.split(",")) if named else tuple(numbers)


def _how(error: Exception) -> str:
    """The exit code, such as SIGKILL(-9), out of loky's long advice."""
    found = re.search(r"\{(.+?)\}", str(error))
    return f"its worker was killed: {found[1]}" if found else "its worker was killed"

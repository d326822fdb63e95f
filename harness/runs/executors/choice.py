"""Which executor a command line means."""

from __future__ import annotations

from harness.runs.executors.job import Executor
from harness.runs.executors.serial import Serial
from harness.runs.trial_inputs import TrialInputs

BACKENDS = ("local", "ray")


def executor_for(
    trial_inputs: TrialInputs,
    *,
    backend: str,
    workers: int | None,
    threads: int,
    timeout: float | None,
) -> Executor:
    """The executor of a backend.

    Parameters
    ----------
    backend : one of `BACKENDS`.
    workers : trials at a time; by default one, and on Ray what fits.
    threads : cores of this machine that trials may use in all.
    timeout : seconds for a trial. It takes a process that can be ended, so a trial that has to
        keep to it never runs in the driver.

    Raises
    ------
    UserError : the backend is not installed or cannot be reached.
    """
    if backend == "local" and timeout is None and workers in (None, 1):
        return Serial(trial_inputs)
    from harness.runs.executors.worker import Recipe

    recipe = Recipe.of(trial_inputs, timeout=timeout)
    if backend == "ray":
        from harness.runs.executors.cluster import Cluster

        return Cluster(recipe, workers=workers)
    from harness.runs.executors.local import Local, visible_gpus

    return Local(recipe, workers=workers or 1, threads=threads, gpus=visible_gpus())

"""Trials in this process, one after the other, and the choice of another executor."""

from harness.runs.executors.job import Ended, Executor, Job, Report
from harness.runs.runner import run_trial
from harness.runs.trial_inputs import TrialInputs


class Serial:
    """The special case of one worker, which is this process."""

    def __init__(self, trial_inputs: TrialInputs) -> None:
        self._trial_inputs = trial_inputs
        self._job: Job | None = None

    def has_room(self, job: Job) -> bool:
        """Whether nothing runs."""
        return self._job is None

    def start(self, job: Job) -> None:
        """Remember the job; it runs in `wait`."""
        self._job = job

    def wait(self) -> tuple[Job, Ended]:
        """Run the job that was started."""
        job, self._job = self._job, None
        assert job is not None
        return job, Report(run_trial(job.prepared, self._trial_inputs, place=job.place))

    def close(self) -> None:
        """Nothing is left open."""


def executor_for(
    trial_inputs: TrialInputs,
    *,
    backend: str,
    workers: int | None,
    threads: int,
    timeout: float | None,
) -> Executor:
    """The executor that a command line means.

    Parameters
    ----------
    backend : `local` or `ray`.
    workers : trials at a time; by default one, or one on each GPU, and on Ray what fits.
    threads : cores of this machine that trials may use in all.
    timeout : seconds for a trial. It takes a process that can be ended, so a trial that has to
        keep to it never runs in the driver.

    Raises
    ------
    UserError : the backend is not installed or cannot be reached.
    """
    from harness.runs.executors.worker import Recipe

    recipe = Recipe(trial_inputs, timeout)
    if backend == "ray":
        from harness.runs.executors.cluster import Cluster

        return Cluster(recipe, workers=workers)
    from harness.runs.executors.local import Local, visible_gpus

    gpus = visible_gpus()
    workers = workers or max(len(gpus), 1)
    if timeout is None and workers == 1:
        return Serial(trial_inputs)
    return Local(recipe, workers=workers, threads=threads, gpus=gpus)

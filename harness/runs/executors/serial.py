"""Trials in this process, one after the other."""

from __future__ import annotations

from harness.runs.executors.job import Ended, Job, Report
from harness.runs.runner import run_trial
from harness.runs.trial_inputs import TrialInputs


class Serial:
    """The special case of one worker, which is this process."""

    def __init__(self, trial_inputs: TrialInputs) -> None:
        self._materials = trial_inputs
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
        return job, Report(run_trial(job.trial, self._materials, place=job.place))

    def close(self) -> None:
        """Nothing is left open."""

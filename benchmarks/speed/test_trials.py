"""Trials an hour of one method of each kind, the share that is training, and how busy a GPU is.

The first seed of the profile's first task runs from nothing, loading included, one trial after the
other. The reference is what the stored records of the same trials took where they were made.
"""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import nan
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.conftest import STORED, Suite
from benchmarks.speed.speeds import kept, timed
from harness.encoders.device import device, device_name
from harness.runs import driver
from harness.runs.profiles import MAIN_METHODS
from harness.store.records import Record, read_records
from harness.store.trial import Trial
from harness.system.processor import cpu_name

QUERY = ("nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits", "-lms=500")


@contextmanager
def gpu_use(command: Sequence[str] = QUERY) -> Iterator[list[float]]:
    """A list that holds at the end how busy GPUs were, in percent."""
    shares: list[float] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as asked:
        try:
            yield shares
        finally:
            asked.terminate()
            shares += [float(line) for line in asked.communicate()[0].split()]


def training_share(records: Sequence[Record], seconds: float) -> float:
    """The part of a time in which methods were fitted."""
    fits = (s.value for r in records for s in r.scores if s.metric == "fit_seconds")
    return sum(fits) / seconds if records else nan


@pytest.mark.benchmark(group="trials")
def test_trials_an_hour(
    benchmark: Any, suite: Suite, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    first = suite.trials[0]
    trials = [
        trial
        for trial in suite.trials
        if (trial.task, trial.correlation, trial.seed) == (first.task, first.correlation, 0)
        if trial.variant == "default" and trial.method in MAIN_METHODS
    ]

    def run() -> float:
        return timed(lambda: driver.run(trials, suite.trial_inputs, tmp_path))

    where = device()
    with gpu_use(QUERY if where.type == "cuda" else ["true"]) as shares:
        spent = benchmark.pedantic(run, rounds=1)
    done = _done(tmp_path, suite.profile, trials)
    assert len(done) == len(trials)
    before = _done(STORED, suite.profile, trials)
    took = sum(record.provenance["seconds"] for record in before)
    machine = cpu_name() if where.type == "cpu" else device_name(where)
    with kept("trials", "machine", machine, request.config) as speeds:
        rate = speeds.line("trials of the first task and seed", "trials an hour", alone=True)
        rate.suite = 3600 * len(done) / spent
        rate.reference = 3600 * len(before) / took if before else nan
        share = speeds.line("time that is training", "share", alone=True)
        share.suite, share.reference = training_share(done, spent), training_share(before, took)
        busy = speeds.line("how busy the GPU is", "percent", alone=True)
        busy.suite = float(np.mean(shares)) if shares else nan


def _done(results: Path, profile: str, trials: Sequence[Trial]) -> list[Record]:
    there = read_records(results, profile) if (results / profile / "records").is_dir() else ()
    return [record for record in there if record.trial in trials and record.status == "done"]

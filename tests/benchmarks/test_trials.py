"""How busy a GPU is, and which part of a time is training."""

import dataclasses
import math
import time

import pytest
from fakes import make_record

from benchmarks.speed.speeds import Speeds
from benchmarks.speed.test_trials import gpu_use, training_share


def test_shares_are_read_while_something_runs() -> None:
    with gpu_use(["sh", "-c", "echo 40; echo 60; exec sleep 60"]) as shares:
        time.sleep(2)
    assert shares == [40.0, 60.0]
    with gpu_use(["true"]) as shares:
        pass
    assert shares == []


def test_an_error_of_what_runs_is_not_swallowed() -> None:
    with pytest.raises(OSError, match="disk"), gpu_use(["true"]):
        raise OSError("disk")


def test_training_share() -> None:
    records = [make_record(seed=0), make_record(seed=1)]
    assert training_share(records, 49.0) == 0.5
    assert math.isnan(training_share([], 1.0))


def test_a_line_that_needs_no_reference_is_stored_without_one() -> None:
    speeds = Speeds("machine", "one")
    speeds.line("rate", "trials an hour", alone=True).suite = 20.0
    speeds.line("busy", "percent", alone=True)
    assert speeds.table()[["what", "reference", "suite"]].values.tolist() == [["rate", "", "20"]]
    assert dataclasses.replace(speeds.lines["rate"], alone=False).complete is False

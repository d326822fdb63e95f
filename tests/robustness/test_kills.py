"""SIGKILL of the driver and of a worker, and two drivers on one results folder."""

import os
import re
import signal
from pathlib import Path

import pytest
from faulty import Bench, alive, wait_until

SWEEP = ("--method", "slow", "--seeds", 6, "--workers", 2, "--threads", 2)


def workers(bench: Bench) -> list[int]:
    """Processes that have begun a trial."""
    return [int(mark.name.rpartition("-")[2]) for mark in bench.marks.iterdir()]


@pytest.mark.slow
def test_a_killed_driver_costs_the_trials_in_flight(bench: Bench, tmp_path: Path) -> None:
    process = bench.start(*SWEEP)
    wait_until(lambda: len(bench.paths()) >= 2, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    kept = bench.finished()
    assert 2 <= len(kept) < 6
    assert len(bench.paths()) == len(kept)
    # Workers do not outlive their driver.
    wait_until(lambda: not alive(workers(bench)))

    again = bench.run(*SWEEP)
    assert again.returncode == 0, again.stderr
    assert f"{6 - len(kept)} trials done, {len(kept)} were stored already" in again.stdout
    assert {path: path.read_bytes() for path in kept} == kept

    # As if nothing had happened, and nobody else had taken part.
    whole = tmp_path / "whole"
    assert (
        bench.run("--method", "slow", "--seeds", 6, "--threads", 1, results=whole).returncode == 0
    )
    assert bench.scores() == bench.scores(whole)


@pytest.mark.slow
def test_a_killed_worker_costs_a_second_try(bench: Bench) -> None:
    process = bench.start(*SWEEP)
    wait_until(lambda: len(workers(bench)) >= 1, process)
    os.kill(workers(bench)[0], signal.SIGKILL)
    stdout, stderr = process.communicate()
    assert process.returncode == 0, stderr
    assert "6 trials done, 0 were stored already, 0 skipped, 0 failed" in stdout
    assert stderr.count("trial is tried once more") == 1
    assert "its worker was killed: SIGKILL(-9)" in stderr
    assert len(bench.finished()) == 6


def done_of(stdout: str) -> tuple[int, int]:
    """How many trials a run did itself, and how many it found stored."""
    found = re.search(r"(\d+) trials done, (\d+) were stored already", stdout)
    assert found, stdout
    return int(found[1]), int(found[2])


@pytest.mark.slow
def test_two_drivers_on_one_folder_share_the_work(bench: Bench) -> None:
    words = ("--method", "slow", "--seeds", 6, "--threads", 1)
    drivers = [bench.start(*words), bench.start(*words)]
    ended = [driver.communicate() for driver in drivers]
    assert [driver.returncode for driver in drivers] == [0, 0], ended
    (first, others), (second, more) = (done_of(stdout) for stdout, _ in ended)
    assert first + second == others + first == more + second == 6
    assert len(bench.finished()) == 6
    assert not [p for p in bench.results.rglob("*") if p.suffix in (".tmp", ".lock")]
    assert done_of(bench.run(*words).stdout) == (0, 6)


@pytest.mark.slow
def test_what_a_killed_driver_had_taken_is_done_by_the_other(bench: Bench) -> None:
    words = ("--method", "slow", "--seeds", 3, "--threads", 1)
    # Long enough for the second driver to find nothing but what the first one holds.
    killed = bench.start("--method", "endless", "--seeds", 1, "--threads", 1)
    wait_until(lambda: bool(list(bench.marks.glob("endless-*"))), killed)
    other = bench.start("--method", "endless", "slow", "--seeds", 3, "--threads", 1, FAULTS="off")
    wait_until(lambda: len(bench.finished()) == 5, other)
    assert other.poll() is None
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    stdout, stderr = other.communicate()
    assert other.returncode == 0, stderr
    assert done_of(stdout) == (6, 0)
    assert len(bench.finished()) == 6
    assert done_of(bench.run(*words).stdout) == (0, 3)

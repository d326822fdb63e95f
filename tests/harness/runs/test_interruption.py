"""Runs that are killed or interrupted: what is stored stays, and the same command goes on."""

import csv
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.contract.scores import COST_METRICS

ROOT = Path(__file__).resolve().parents[3]
SMOKE = ("run", "--profile", "smoke", "--threads", "1")
METHODS = ("untuned", "leace", "masked-units")


def _command(results: Path) -> list[str]:
    words = ("--method", *METHODS, "--results", str(results))
    return [sys.executable, "-m", "harness", *SMOKE, *words]


def _stored(results: Path) -> list[Path]:
    return sorted((results / "smoke").glob("records/*/*/*.json"))


def _signalled(results: Path, number: int, after: int) -> tuple[int, str]:
    """Start a run, and send a signal when that many records are stored."""
    process = subprocess.Popen(
        _command(results), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        deadline = time.monotonic() + 120
        while len(_stored(results)) < after and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(number)
        _, stderr = process.communicate(timeout=60)
    finally:
        process.kill()
    return process.returncode, stderr


def _without_costs(results: Path) -> list[list[str]]:
    with (results / "smoke" / "scores.csv").open(newline="") as stream:
        return [row for row in csv.reader(stream) if row[9] not in COST_METRICS]


@pytest.mark.slow
def test_killed_and_interrupted_runs_go_on_where_they_were(tmp_path: Path) -> None:
    """Three trials: killed after one, interrupted after two, finished; as if never stopped."""
    results, whole = tmp_path / "results", tmp_path / "whole"
    status, _ = _signalled(results, signal.SIGKILL, after=1)
    assert status == -signal.SIGKILL
    kept = {path: path.read_bytes() for path in _stored(results)}
    assert 1 <= len(kept) < len(METHODS)

    status, stderr = _signalled(results, signal.SIGTERM, after=2)
    assert status == 130
    assert stderr.splitlines()[-1].startswith("error: interrupted; finished records are kept")
    assert "Traceback" not in stderr
    assert (results / "smoke" / "scores.csv").is_file()
    more = {path: path.read_bytes() for path in _stored(results)}
    assert len(kept) < len(more) < len(METHODS)

    rest = subprocess.run(_command(results), capture_output=True, text=True, cwd=ROOT, check=True)
    missing = len(METHODS) - len(more)
    assert f"{missing} trials done, {len(more)} were stored already" in rest.stdout
    for path, content in {**kept, **more}.items():
        assert path.read_bytes() == content

    subprocess.run(_command(whole), capture_output=True, cwd=ROOT, check=True)
    assert _without_costs(results) == _without_costs(whole)
    assert {row[3] for row in _without_costs(whole)[1:]} == {*METHODS}

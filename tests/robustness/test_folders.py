"""A disk that runs full, a folder that cannot be written, damaged and older files, an odd clock."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes import small_backbone
from faulty import Bench

from data import tasks
from data.errors import UserError
from harness.cli import main
from harness.outputs.write import write_outputs
from harness.runs import runner
from harness.runs.driver import Outcome, run
from harness.runs.profiles import find
from harness.runs.request import trials_in_order
from harness.runs.trial_inputs import TrialInputs
from harness.store.records import read_record, read_records

BELOW_ROOT = os.geteuid() != 0


@pytest.fixture
def sweep(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Outcome]:
    """Run `words` with some seeds in this process."""
    bench.join(monkeypatch)

    def call(results: Path, seeds: int, **changes: Any) -> Outcome:
        trial_inputs = TrialInputs(
            find("smoke"),
            {"movies": tasks.find("movies")},
            resolve=small_backbone,
            packages=("faulty_methods",),
        )
        trials = trials_in_order(
            {"movies": (0.85,)}, {"words": ("default",)}, backbone="fake", seeds=seeds
        )
        return run(trials, trial_inputs, results, **changes)

    return call


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    """A file system in memory, for as long as it is needed."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no file system can be mounted: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


@pytest.mark.skipif(BELOW_ROOT, reason="only root can mount a small file system")
def test_a_full_disk_stops_the_run_and_space_completes_it(
    sweep: Callable[..., Outcome], tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    with mounted(disk, "size=112k"):
        with pytest.raises(UserError, match="the disk is full; free some space, then run the same"):
            sweep(disk, 12)
        kept = {path: path.read_bytes() for path in (disk / "smoke" / "records").rglob("*.json")}
        assert 1 <= len(kept) < 12
        assert all(read_record(path).status == "done" for path in kept)
        assert not list(disk.rglob("*.tmp"))
        remount(disk, "size=4m")
        outcome = sweep(disk, 12)
        assert len(outcome.done) == 12 - len(kept)
        assert {path: path.read_bytes() for path in kept} == kept
        write_outputs(disk, "smoke")


@pytest.mark.skipif(BELOW_ROOT, reason="only root can mount a file system to read from alone")
def test_a_read_only_folder_is_named_before_anything_runs(
    sweep: Callable[..., Outcome], bench: Bench, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    with mounted(disk, "size=4m"):
        sweep(disk, 1)
        remount(disk, "ro")
        for mark in bench.marks.iterdir():
            mark.unlink()
        with pytest.raises(UserError, match="read-only; choose another folder with --results"):
            sweep(disk, 2)
        assert not list(bench.marks.iterdir())
        assert [record.status for record in read_records(disk, "smoke")] == ["done"]
        remount(disk, "rw")
        assert len(sweep(disk, 2).done) == 1


@pytest.mark.skipif(not BELOW_ROOT, reason="root may write everywhere")
def test_a_folder_without_permission_is_named(
    sweep: Callable[..., Outcome], tmp_path: Path
) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UserError, match="not permitted; choose another folder with --results"):
        sweep(tmp_path / "results", 1)


def _truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:700])


def _older(path: Path) -> None:
    content = json.loads(path.read_text())
    content["schema"] = 0
    path.write_text(json.dumps(content))


def _empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [_truncated, _older, _empty])
def test_a_damaged_or_older_record_is_refused_by_name_and_runs_again(
    damage: Callable[[Path], None],
    sweep: Callable[..., Outcome],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    sweep(tmp_path, 3)
    paths = sorted((tmp_path / "smoke" / "records").rglob("*.json"))
    damaged = paths[1]
    others = {path: path.read_bytes() for path in paths if path != damaged}
    damage(damaged)
    capsys.readouterr()
    # Tables say which file, and the command that makes it again.
    with pytest.raises(SystemExit) as status:
        main(["tables", "--profile", "smoke", "--results", str(tmp_path)])
    line = capsys.readouterr().err
    assert status.value.code == 1
    assert line.count("\n") == 1
    assert str(damaged) in line
    assert "run `python -m harness run --profile smoke`" in line
    # That command does, and touches nothing else.
    assert len(sweep(tmp_path, 3).done) == 1
    assert read_record(damaged).status == "done"
    assert {path: path.read_bytes() for path in others} == others
    write_outputs(tmp_path, "smoke")


def test_a_clock_that_jumps(
    sweep: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two years back and one forward between trials: durations and tables do not care."""
    days = iter([0, -730, 365, -3650, 1])
    now = datetime.now(UTC)

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return now + timedelta(days=next(days))

    monkeypatch.setattr(runner, "datetime", Clock)
    sweep(tmp_path, 4)
    records = read_records(tmp_path, "smoke")
    assert [record.status for record in records] == ["done"] * 4
    started = [record.provenance["started"] for record in records]
    assert started != sorted(started)
    assert all(record.provenance["seconds"] > 0 for record in records)
    write_outputs(tmp_path, "smoke")
    scores = (tmp_path / "smoke" / "scores.csv").read_text()
    assert all(f"words,default,{seed}," in scores for seed in range(4))
    assert len(sweep(tmp_path, 5).done) == 1

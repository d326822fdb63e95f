"""A trial is claimed by one run at a time, for as long as that run lives."""

import subprocess
import sys
from pathlib import Path

import filelock
import pytest

from harness.runs.claims import Claims

HOLD = """
import sys
from pathlib import Path
from harness.runs.claims import Claims
claims = Claims(Path(sys.argv[1]))
print(claims.take("a"), flush=True)
input()
"""


def test_a_claim_is_one_runs_until_it_is_released(tmp_path: Path) -> None:
    first, second = Claims(tmp_path / "claims"), Claims(tmp_path / "claims")
    assert first.take("a")
    assert first.take("a")
    assert not second.take("a")
    assert second.take("b")
    first.release("a")
    first.release("never taken")
    assert second.take("a")
    first.close()
    assert not first.take("a")
    second.close()
    assert not (tmp_path / "claims").exists()
    assert first.take("a")


def test_a_claim_ends_with_its_process(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "True\n"
    claims = Claims(tmp_path)
    assert not claims.take("a")
    holder.kill()
    holder.communicate()
    assert claims.take("a")


def test_without_locks_every_trial_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no locks here")

    monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
    claims = Claims(tmp_path)
    assert claims.take("a")
    claims.close()

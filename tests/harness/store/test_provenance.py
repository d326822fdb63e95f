"""A record names the revision of this code, and of no other."""

import subprocess
from pathlib import Path

import pytest

from harness.store import provenance


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@b")
    command = ("git", "-C", str(folder), *who, *words)
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_the_revision_of_a_project_around_an_environment_is_not_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "environment" / "harness" / "store" / "provenance.py"
    file.parent.mkdir(parents=True)
    file.touch()
    monkeypatch.setattr(provenance, "__file__", str(file))
    git(tmp_path, "init")
    git(tmp_path, "commit", "--allow-empty", "-m", "another project")
    told = provenance.provenance.__wrapped__()
    assert (told["git_revision"], told["git_dirty"]) == (None, None)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "this one")
    told = provenance.provenance.__wrapped__()
    assert (told["git_revision"], told["git_dirty"]) == (git(tmp_path, "rev-parse", "HEAD"), False)

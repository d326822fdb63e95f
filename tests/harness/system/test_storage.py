"""A file stands whole, under its name, whatever happens to the machine afterwards."""

import os
import stat
from pathlib import Path

import pytest

from harness.system import storage
from harness.system.storage import write_atomically


@pytest.mark.parametrize(("wait", "synced"), [(True, ["file", "folder"]), (False, [])])
def test_the_disk_has_the_file_and_its_name(
    wait: bool, synced: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, seen = tmp_path / "record.json", list[str]()

    def fsync(handle: int) -> None:
        folder = stat.S_ISDIR(os.fstat(handle).st_mode)
        # A folder that is waited for has the name already.
        assert path.exists() == folder
        seen.append("folder" if folder else "file")

    monkeypatch.setattr(storage.os, "fsync", fsync)
    write_atomically(path, "{}", wait=wait)
    assert seen == synced
    assert path.read_text() == "{}"

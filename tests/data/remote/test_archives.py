"""Archives: honest ones unpack, hostile ones leave nothing behind."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from data.errors import UserError
from data.remote import archives
from data.remote.archives import extract

FILES = {"top/a.txt": b"one", "top/deep/b.txt": b"two"}


def make_tar(path: Path, files: dict[str, bytes], *extra: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, body in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
        for info in extra:
            tar.addfile(info)
    return path


def make_zip(path: Path, files: dict[str, bytes], *extra: zipfile.ZipInfo) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as container:
        for name, body in files.items():
            container.writestr(name, body)
        for info in extra:
            container.writestr(info, "/etc/passwd")
    return path


MAKERS: dict[str, Callable[[Path, dict[str, bytes]], Path]] = {"tar": make_tar, "zip": make_zip}


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def assert_refused(archive: Path, message: str) -> None:
    parent = archive.parent / "inner"
    parent.mkdir()
    outside = contents(archive.parent)
    with pytest.raises(UserError, match=message) as caught:
        extract(archive, parent / "out")
    assert "\n" not in str(caught.value)
    assert list(parent.iterdir()) == []
    assert contents(archive.parent) == outside


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_honest_archive_unpacks(tmp_path: Path, kind: str) -> None:
    archive = MAKERS[kind](tmp_path / "a", FILES)
    assert contents(extract(archive, tmp_path / "out")) == FILES


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_only_wanted_members_unpack(tmp_path: Path, kind: str) -> None:
    archive = MAKERS[kind](tmp_path / "a", FILES)
    out = extract(archive, tmp_path / "out", wanted=lambda name: name.endswith("b.txt"))
    assert set(contents(out)) == {"top/deep/b.txt"}


@pytest.mark.parametrize("kind", ["tar", "zip"])
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("../escape.txt", "leaves the folder"),
        ("top/../../escape.txt", "leaves the folder"),
        ("/tmp/escape.txt", "absolute path"),
        ("C:\\escape.txt", "absolute path"),
        ("top\\..\\..\\escape.txt", "leaves the folder"),
    ],
)
def test_escaping_name_is_refused(tmp_path: Path, kind: str, name: str, message: str) -> None:
    assert_refused(MAKERS[kind](tmp_path / "a", FILES | {name: b"x"}), message)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_tar_link_or_device_is_refused(tmp_path: Path, kind: bytes) -> None:
    info = tarfile.TarInfo("top/link")
    info.type, info.linkname = kind, "top/a.txt"
    assert_refused(make_tar(tmp_path / "a", FILES, info), "link or a device")


def test_zip_link_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("top/link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert_refused(make_zip(tmp_path / "a", FILES, info), "link or a device")


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_bomb_is_refused_before_it_lands(tmp_path: Path, kind: str) -> None:
    archive = MAKERS[kind](tmp_path / "a", {"zeros": b"\x00" * (20 << 20)})
    assert archive.stat().st_size < 100_000
    assert_refused(archive, "far more than its size allows")


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_too_many_members_are_refused(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBERS", 3)
    files = {f"f{i}": b"x" for i in range(4)}
    assert_refused(MAKERS[kind](tmp_path / "a", files), "far more")


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_cut_off_archive_is_refused(tmp_path: Path, kind: str) -> None:
    archive = MAKERS[kind](tmp_path / "a", {f"f{i}": bytes(range(256)) * 9 for i in range(50)})
    body = archive.read_bytes()
    archive.write_bytes(body[: len(body) // 2])
    assert_refused(archive, "is refused")


def test_archive_with_a_flipped_byte_is_refused(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a", {"f": bytes(range(256)) * 40})
    body = bytearray(archive.read_bytes())
    body[60] ^= 0xFF
    archive.write_bytes(body)
    assert_refused(archive, "is refused")


def test_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"<html>not found</html>")
    assert_refused(tmp_path / "a", "neither a tar nor a zip")

"""Archives: what is wanted is read, hostile and damaged ones do no harm."""

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from data.errors import UserError
from data.remote.archives import members

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


def make_zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as container:
        for name, body in files.items():
            container.writestr(name, body)
    return path


MAKERS: dict[str, Callable[[Path, dict[str, bytes]], Path]] = {"tar": make_tar, "zip": make_zip}


def everything(name: str) -> bool:
    return True


def assert_refused(archive: Path, message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        members(archive, everything)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_honest_archive_is_read(tmp_path: Path, kind: str) -> None:
    assert members(MAKERS[kind](tmp_path / "a", FILES), everything) == FILES


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_only_wanted_members_are_read(tmp_path: Path, kind: str) -> None:
    archive = MAKERS[kind](tmp_path / "a", FILES)
    assert set(members(archive, lambda name: name.endswith("b.txt"))) == {"top/deep/b.txt"}


def test_leading_dot_is_left_out(tmp_path: Path) -> None:
    assert members(make_tar(tmp_path / "a", {"./a.txt": b"one"}), everything) == {"a.txt": b"one"}


@pytest.mark.parametrize("kind", ["tar", "zip"])
@pytest.mark.parametrize("name", ["../escape.txt", "top/../../escape.txt", "/tmp/escape.txt"])
def test_escaping_name_reaches_no_disk(tmp_path: Path, kind: str, name: str) -> None:
    archive = MAKERS[kind](tmp_path / "a", FILES | {name: b"x"})
    assert members(archive, everything)["top/a.txt"] == b"one"
    assert list(tmp_path.iterdir()) == [archive]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_tar_link_or_device_is_left_out(tmp_path: Path, kind: bytes) -> None:
    info = tarfile.TarInfo("top/link")
    info.type, info.linkname = kind, "top/a.txt"
    assert members(make_tar(tmp_path / "a", FILES, info), everything) == FILES


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_bomb_is_refused_before_it_is_read(tmp_path: Path, kind: str) -> None:
    archive = MAKERS[kind](tmp_path / "a", {"zeros": b"\x00" * (20 << 20)})
    assert archive.stat().st_size < 100_000
    assert_refused(archive, "far more than its size allows")


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

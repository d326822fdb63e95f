"""Safe extraction of untrusted archives: nothing leaves the target folder or fills the disk."""

from __future__ import annotations

import gzip
import lzma
import os
import shutil
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath

from data.errors import UserError

MAX_BYTES = 8 << 30
MAX_MEMBERS = 1_000_000
# Text compresses up to about 20 to 1; far beyond that an archive is made to fill a disk.
MAX_RATIO = 200
_RATIO_FLOOR = 16 << 20

# RuntimeError is what an encrypted member raises, ValueError an impossible name.
_DAMAGE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    lzma.LZMAError,
    zlib.error,
    EOFError,
    RuntimeError,
    ValueError,
)

Wanted = Callable[[str], bool]


class _HostileError(Exception):
    """A member that must not be unpacked."""


def extract(archive: Path, folder: Path, *, wanted: Wanted = lambda name: True) -> Path:
    """Unpack a tar (any compression) or zip archive into a new folder, all or nothing.

    Every member is checked, wanted or not: relative paths inside the folder, plain files and
    folders alone, and bounded sizes. Files land in a temporary folder that is renamed at the end.

    Parameters
    ----------
    archive : the file; its kind is recognised by content.
    folder : must not exist yet.
    wanted : whether to unpack a member, from its name.

    Raises
    ------
    UserError
        The archive is damaged or hostile, or the disk cannot take it; nothing is left behind.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _refusing(archive):
        is_tar = tarfile.is_tarfile(archive)
        if not (is_tar or zipfile.is_zipfile(archive)):
            raise _HostileError("it is neither a tar nor a zip archive")
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            (_unpack_tar if is_tar else _unpack_zip)(archive, temporary, wanted)
            os.replace(temporary, folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    return folder


@contextmanager
def _refusing(archive: Path) -> Iterator[None]:
    try:
        yield
    except _HostileError as error:
        raise UserError(f"{archive} is refused: {error}; delete it and get it again") from error
    except _DAMAGE as error:
        raise UserError(
            f"{archive} is refused: damaged or unsafe archive ({error}); delete it and get it again"
        ) from error
    except OSError as error:
        raise UserError(
            f"cannot unpack {archive}: {error.strerror or error}; if the disk is full, free space"
        ) from error


def _unpack_tar(archive: Path, folder: Path, wanted: Wanted) -> None:
    budget = _Budget(archive.stat().st_size)
    with tarfile.open(archive) as tar:
        for member in tar:
            _check_name(member.name)
            if not (member.isreg() or member.isdir()):
                raise _HostileError(f"{member.name!r} is a link or a device")
            budget.spend(member.size)
            if member.isreg() and wanted(member.name):
                tar.extract(member, folder, filter="data")


def _unpack_zip(archive: Path, folder: Path, wanted: Wanted) -> None:
    budget = _Budget(archive.stat().st_size)
    with zipfile.ZipFile(archive) as container:
        for info in container.infolist():
            _check_name(info.orig_filename)
            mode = info.external_attr >> 16
            if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise _HostileError(f"{info.filename!r} is a link or a device")
            budget.spend(info.file_size)
        for info in container.infolist():
            if not info.is_dir() and wanted(info.filename):
                container.extract(info, folder)


def _check_name(name: str) -> None:
    posix, windows = PurePosixPath(name), PureWindowsPath(name)
    if posix.is_absolute() or windows.is_absolute() or windows.drive or windows.root:
        raise _HostileError(f"{name!r} is an absolute path")
    if ".." in posix.parts or ".." in windows.parts or "\x00" in name:
        raise _HostileError(f"{name!r} leaves the folder")


class _Budget:
    """Bytes and members an archive may still unpack to."""

    def __init__(self, packed: int) -> None:
        self._left = min(MAX_BYTES, max(_RATIO_FLOOR, packed * MAX_RATIO))
        self._members = MAX_MEMBERS

    def spend(self, size: int) -> None:
        self._left -= size
        self._members -= 1
        if self._left < 0 or self._members < 0:
            raise _HostileError("it unpacks to far more than its size allows")

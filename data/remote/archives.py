"""Files out of untrusted archives, read into memory: nothing that is packed reaches the disk."""

import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO

from data.errors import UserError

MAX_BYTES = 8 << 30
# Text compresses up to about 20 to 1; far beyond that an archive is made to fill the memory.
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
    OSError,
)


def members(archive: Path, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """The contents of some files of a tar (any compression) or zip archive, by name.

    Parameters
    ----------
    archive : the file; its kind is recognised by content.
    wanted : whether to read a plain file, from its name without a leading `./`.

    Raises
    ------
    UserError : the archive is damaged, or what is wanted is far more than its size allows.
    """
    found: dict[str, bytes] = {}
    try:
        left = min(MAX_BYTES, max(_RATIO_FLOOR, archive.stat().st_size * MAX_RATIO))
        for name, size, opened in _files(archive):
            if wanted(name):
                left -= size
                if left < 0:
                    raise ValueError("it unpacks to far more than its size allows")
                stream = opened()
                assert stream is not None
                with stream:
                    found[name] = stream.read()
    except _DAMAGE as error:
        raise UserError(
            f"{archive} is refused: damaged or unsafe archive ({error}); delete it and get it again"
        ) from error
    return found


def _files(archive: Path) -> Iterator[tuple[str, int, Callable[[], IO[bytes] | None]]]:
    """Name, size and what opens it of each plain file."""
    if tarfile.is_tarfile(archive):
        with tarfile.open(archive) as tar:
            for member in filter(tarfile.TarInfo.isreg, tar):
                name = member.name.removeprefix("./")
                yield name, member.size, partial(tar.extractfile, member)
    elif zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as container:
            for info in container.infolist():
                yield info.filename, info.file_size, partial(container.open, info)
    else:
        raise ValueError("it is neither a tar nor a zip archive")

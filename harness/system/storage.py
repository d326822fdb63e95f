"""Writing a file whole or not at all."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from data.errors import UserError

_REMEDIES = {
    errno.ENOSPC: "the disk is full; free some space",
    errno.EDQUOT: "the disk quota is used up; free some space",
    errno.EROFS: "the file system is read-only; choose another folder with --results",
    errno.ENOENT: "the folder cannot be made; choose another one with --results",
    errno.EACCES: "writing is not permitted; choose another folder with --results",
    errno.EPERM: "writing is not permitted; choose another folder with --results",
    errno.ENOTDIR: "a part of the path is a file; choose another folder with --results",
    errno.EEXIST: "a part of the path is a file; choose another folder with --results",
}


def write_atomically(path: Path, content: str | Iterable[str], *, wait: bool = True) -> None:
    """Write UTF-8 text so that a reader, or a crash, finds the old file or the new one.

    Parameters
    ----------
    content : the text, or its parts in order.
    wait : until the disk has it, so that even a machine that stops loses nothing. What can be made
        again in no time need not be waited for.

    Raises
    ------
    UserError : the disk is full, or the folder cannot be written; what stood there before stays.
    """
    scratch: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.writelines([content] if isinstance(content, str) else content)
            if wait:
                stream.flush()
                os.fsync(stream.fileno())
        os.chmod(scratch, 0o644)
        os.replace(scratch, path)
        if wait:
            _sync(path.parent)
    except OSError as error:
        raise _explained(path, error) from error
    finally:
        if scratch is not None:
            with contextlib.suppress(OSError):
                os.unlink(scratch)


def _sync(folder: Path) -> None:
    """Wait until the disk has the names in a folder, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def check_writable(folder: Path) -> None:
    """UserError, before hours of work, where the folder cannot be made or written into."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as stream:
            stream.write(b"\x00" * 4096)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise _explained(folder, error) from error


def _explained(path: Path, error: OSError) -> UserError:
    reason = _REMEDIES.get(error.errno or 0, error.strerror or str(error))
    return UserError(f"cannot write {path}: {reason}, then run the same command again")

"""One public file to disk: resumed when cut off, verified, and never half-written.

Some public originals come without a published digest. Their first download is trusted and written
down in a lock file beside the data; any later download of the same address must give the same
bytes.
"""

import hashlib
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
from tqdm import tqdm

from data.errors import UserError
from data.remote.sources import Source

LOCK_NAME = "downloads.lock.json"

Entry = Mapping[str, str | int]
"""`sha256` and `bytes` of one downloaded file."""

ATTEMPTS = 5
BACKOFF_SECONDS = 1.0
_TIMEOUT_SECONDS = 30.0


class _TryAgainError(Exception):
    """The transfer stopped for a reason that may pass."""


def download(source: Source, target: Path, *, lock: Path) -> Path:
    """Bring a public file to `target`; a file that is there and verified is not fetched again.

    The body streams to `<target>.part`, which a later call continues with a range request, and is
    renamed once it is whole and verified: against the source's pin where it has one, and against
    the lock file where the address stands in it. The digest is recorded in the lock file.

    Parameters
    ----------
    source : the address and, where published, the digest.
    target : the file to make; its folder must exist.
    lock : the lock file, made on first use.

    Raises
    ------
    UserError
        No network, an address that does not answer with the file, a wrong digest (the bad file is
        removed), or a disk that cannot take it.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            if _mismatch(source, target, lock) is None:
                _record(lock, source.url, _entry(target))
                return target
            target.unlink()
        partial = target.with_name(f"{target.name}.part")
        _transfer(source.url, partial, target)
        fault = _mismatch(source, partial, lock)
        if fault is not None:
            _discard(partial)
            raise UserError(fault)
        entry = _entry(partial)
        os.replace(partial, target)
        _validator_path(partial).unlink(missing_ok=True)
        _record(lock, source.url, entry)
    except OSError as error:
        raise UserError(
            f"cannot store {target}: {error.strerror or error}; free space there or choose another "
            "folder (a partial download is continued next time)"
        ) from error
    return target


def _transfer(url: str, partial: Path, target: Path) -> None:
    reason = ""
    headers = {"Accept-Encoding": "identity", "User-Agent": "disentangle-bench"}
    with httpx.Client(follow_redirects=True, timeout=_TIMEOUT_SECONDS, headers=headers) as client:
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(BACKOFF_SECONDS * 2 ** (attempt - 1))
            try:
                return _stream(client, url, partial)
            except _TryAgainError as error:
                reason = str(error)
            except (httpx.TransportError, httpx.TooManyRedirects) as error:
                reason = str(error) or type(error).__name__
            except httpx.InvalidURL as error:
                raise UserError(f"{url!r} is not an address: {error}") from error
    raise UserError(
        f"cannot download {url} after {ATTEMPTS} attempts ({reason}); check the network and run "
        f"again, or put the file at {target} yourself"
    )


def _stream(client: httpx.Client, url: str, partial: Path) -> None:
    done = partial.stat().st_size if partial.exists() else 0
    headers = {"Range": f"bytes={done}-"} if done else {}
    validator = _validator_path(partial)
    if done and validator.exists():
        headers["If-Range"] = validator.read_text(encoding="utf-8")
    with client.stream("GET", url, headers=headers) as response:
        status = response.status_code
        if status == 416:
            _discard(partial)
            raise _TryAgainError("the server refused to continue the partial file")
        if status in (408, 425, 429) or status >= 500:
            raise _TryAgainError(f"the server answered {status}")
        if status not in (200, 206):
            raise UserError(
                f"{url} answered {status} {response.reason_phrase}: the public file is not there "
                "(any more); put your own copy in the data folder instead"
            )
        place = response.headers.get("content-range", "")
        if status == 206 and not place.startswith(f"bytes {done}-"):
            _discard(partial)
            raise _TryAgainError("the server continued at another byte than asked")
        resumed = status == 206
        # A partial file is continued only if the server's file is still the same one.
        mark = response.headers.get("etag") or response.headers.get("last-modified") or ""
        if mark and not mark.startswith("W/"):
            validator.write_text(mark, encoding="utf-8")
        else:
            validator.unlink(missing_ok=True)
        length = response.headers.get("content-length", "")
        offset = done if resumed else 0
        with (
            open(partial, "ab" if resumed else "wb") as file,
            tqdm(
                desc=partial.name.removesuffix(".part"),
                total=offset + int(length) if length.isdigit() else None,
                initial=offset,
                unit="B",
                unit_scale=True,
                leave=False,
                disable=None,
            ) as bar,
        ):
            for block in response.iter_raw():
                file.write(block)
                bar.update(len(block))


def _validator_path(partial: Path) -> Path:
    return partial.with_name(f"{partial.name}.validator")


def _discard(partial: Path) -> None:
    partial.unlink(missing_ok=True)
    _validator_path(partial).unlink(missing_ok=True)


def _digest(path: Path, algorithm: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def _entry(path: Path) -> Entry:
    return {"sha256": _digest(path, "sha256"), "bytes": path.stat().st_size}


def _mismatch(source: Source, path: Path, lock: Path) -> str | None:
    """What is wrong with the bytes at `path`, or None; a pin outranks the lock file."""
    if source.pin is not None:
        algorithm, _, expected = source.pin.partition(":")
        got = _digest(path, algorithm)
        if got != expected.lower():
            return (
                f"{source.url} has a wrong digest: expected {algorithm} {expected}, got {got}; "
                "the file was removed, run again or fetch it from another network"
            )
        return None
    known = _read_lock(lock).get(source.url)
    if known is not None and (got := _digest(path, "sha256")) != known["sha256"]:
        return (
            f"{source.url} has changed since it was first downloaded: expected sha256 "
            f"{known['sha256']}, got {got}; the file was removed; if the new one is right, delete "
            f"the entry from {lock} and run again"
        )
    return None


def _read_lock(path: Path) -> dict[str, Entry]:
    """All entries by address; empty where the file does not exist.

    UserError where the file is not a lock file.
    """
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return {url: {"sha256": str(e["sha256"]), "bytes": e["bytes"]} for url, e in stored.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise UserError(
            f"{path} is not a readable lock file; remove it to trust the next downloads"
        ) from error


def _record(path: Path, url: str, entry: Entry) -> None:
    """Add or replace one entry, atomically."""
    entries = _read_lock(path)
    if entries.get(url) == entry:
        return
    entries[url] = entry
    partial = path.with_name(f"{path.name}.part")
    partial.write_text(json.dumps(dict(sorted(entries.items())), indent=2) + "\n", encoding="utf-8")
    os.replace(partial, path)

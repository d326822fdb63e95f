"""What a frozen encoder makes of texts, kept on disk: most trials share backbone and texts.

An entry is a file of raw states behind a head in JSON that says their shape and their sha256. It is
mapped into memory, so that it costs none until it is read, and several processes share it. An entry
that is damaged is dropped and computed again; a cache that cannot be written is done without.
Of several processes that need the same entry one computes it, and the others wait for it.
"""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from pathlib import Path

import numpy as np
import torch
from filelock import FileLock
from numpy.typing import NDArray
from torch import Tensor

from harness.system.cache import cache_root
from harness.system.logs import warn

FORMAT = 3
SIZE_VARIABLE = "DISENTANGLE_CACHE_GIB"
DEFAULT_GIB = 8.0
SMALLEST_BYTES = 1 << 20
"""Smaller states are computed faster than they are worth a file."""

CLAIM_SECONDS = 1800.0
"""How long to wait for another process that computes the same states."""

ABANDONED_SECONDS = 24 * 3600.0
"""Nobody writes for so long: what is not finished by then is nobody's."""

_CLAIM = ".claim-"
_HEAD_BYTES = 256
_DTYPES = {"bfloat16": torch.bfloat16, "float32": torch.float32}


def entry_key(weights_hash: str, first: int | str, ids: Sequence[Tensor], made_on: str) -> str:
    """The name of an entry: a hash of what its states follow from.

    Parameters
    ----------
    weights_hash : of the backbone.
    first : position of the first layer above the cut, or a name for what is kept in place of
        states.
    ids : token ids of each text.
    made_on : device and type, on which the last digits of the states depend.
    """
    made_of = f"{FORMAT} {weights_hash} {first} {made_on} {torch.__version__}"
    digest = hashlib.sha256(made_of.encode())
    for text in ids:
        digest.update(len(text).to_bytes(8, "little"))
        digest.update(text.numpy().tobytes())
    return digest.hexdigest()[:32]


_bypassed = ContextVar("bypassed", default=False)


@contextlib.contextmanager
def without_cache() -> Iterator[None]:
    """Within it everything is computed, and nothing read or kept: to measure what it costs."""
    token = _bypassed.set(True)
    try:
        yield
    finally:
        _bypassed.reset(token)


def cache_is_bypassed() -> bool:
    """Whether this is within `without_cache`."""
    return _bypassed.get()


class PrefixCache:
    """States by key, the least recently used dropped where they grow too many.

    `folder`: where; by default in the cache of the suite. `limit_bytes`: of all entries; by default
    `DEFAULT_GIB`, or what DISENTANGLE_CACHE_GIB says.
    """

    def __init__(self, folder: Path | None = None, limit_bytes: float | None = None) -> None:
        self._folder = cache_root() / "prefixes" if folder is None else folder
        self._limit = _limit() if limit_bytes is None else limit_bytes

    def made(self, key: str, shape: tuple[int, int], compute: Callable[[], Tensor]) -> Tensor:
        """States [tokens, width] from the cache, or else computed and kept.

        `shape`: what they must have; an entry of another one is somebody's mistake. `compute`:
        called at most once, and by one process at a time for each key.
        """
        if cache_is_bypassed():
            return compute()
        found = self._of_shape(key, shape)
        if found is not None:
            return found
        with self._claimed(key):
            # Another process may have made it while this one waited.
            found = self._of_shape(key, shape)
            if found is None:
                found = compute()
                self.write(key, found)
        return found

    def read(self, key: str) -> Tensor | None:
        """States [tokens, width] mapped from disk, or None where they have to be computed."""
        entry = self._folder / key
        try:
            with entry.open("rb") as file:
                about = json.loads(file.read(_HEAD_BYTES))
            raw = np.memmap(entry, dtype=np.uint8, mode="c", offset=_HEAD_BYTES)
            if _sha256(raw) != about["sha256"]:
                raise ValueError("its content has changed")
            os.utime(entry)
            states = torch.from_numpy(raw).view(_DTYPES[about["dtype"]]).view(about["shape"])
        except (OSError, ValueError, KeyError, TypeError, RuntimeError, RecursionError) as error:
            # Where it is gone it was never there, or has just been evicted.
            if entry.exists():
                warn("damaged cache entry is made again", entry=str(entry), error=str(error))
                _remove(entry)
            return None
        return states

    def write(self, key: str, states: Tensor) -> None:
        """Keep states [tokens, width]; two writers of one entry do not disturb each other."""
        if not SMALLEST_BYTES <= states.nbytes <= self._limit or not states.numel():
            return
        raw = states.view(torch.uint8).numpy()
        about = {
            "shape": list(states.shape),
            "dtype": str(states.dtype).removeprefix("torch."),
            "sha256": _sha256(raw),
        }
        scratch: Path | None = None
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".", dir=self._folder)
            scratch = Path(name)
            with os.fdopen(handle, "wb") as file:
                file.write(json.dumps(about).encode().ljust(_HEAD_BYTES))
                raw.tofile(file)
            os.replace(scratch, self._folder / key)
            self._evict(key)
        except OSError as error:
            warn("hidden states are not kept", folder=str(self._folder), error=str(error))
            if scratch is not None:
                _remove(scratch)

    def _of_shape(self, key: str, shape: tuple[int, int]) -> Tensor | None:
        found = self.read(key)
        return found if found is not None and tuple(found.shape) == shape else None

    @contextlib.contextmanager
    def _claimed(self, key: str) -> Iterator[None]:
        """Within it no other process claims the key; a claim ends with its process."""
        lock = FileLock(self._folder / f"{_CLAIM}{key}")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=CLAIM_SECONDS)
        except (OSError, NotImplementedError):
            # A full disk, a file system without locks, a very slow holder: compute it twice.
            pass
        try:
            yield
        finally:
            lock.release()

    def _evict(self, newest: str) -> None:
        sizes: dict[Path, int] = {}
        for found in sorted(self._folder.iterdir(), key=_last_use):
            # What killed writers left, and folders that earlier versions kept.
            if found.name.startswith(".") or found.is_dir():
                if _last_use(found) < time.time() - ABANDONED_SECONDS:
                    _remove(found)
            else:
                sizes[found] = _bytes(found)
        total = sum(sizes.values())
        for entry, size in sizes.items():
            if total > self._limit and entry.name != newest:
                _remove(entry)
                total -= size


def _remove(found: Path) -> None:
    with contextlib.suppress(OSError):
        if found.is_dir():
            shutil.rmtree(found, ignore_errors=True)
        else:
            found.unlink()


def _sha256(raw: NDArray[np.uint8]) -> str:
    return hashlib.sha256(raw.data).hexdigest()


def _limit() -> float:
    try:
        return float(os.environ.get(SIZE_VARIABLE, DEFAULT_GIB)) * 2**30
    except ValueError:
        warn("not a number of gibibytes", variable=SIZE_VARIABLE)
        return DEFAULT_GIB * 2**30


def _bytes(entry: Path) -> int:
    with contextlib.suppress(OSError):
        return entry.stat().st_size - _HEAD_BYTES
    return 0


def _last_use(entry: Path) -> float:
    with contextlib.suppress(OSError):
        return entry.stat().st_mtime
    return 0.0

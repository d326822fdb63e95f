"""Turns on a GPU: of several processes that compute on one, each in its turn.

Processes that send work to one GPU at the same time slow each other many times over. So a trial
holds the GPU while it trains and encodes, and lets go of it while probes run on the processor: the
next one, of the same run or of another, trains meanwhile. A turn ends with its process.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from filelock import FileLock, Timeout

from harness.system.cache import cache_root
from harness.system.logs import warn

_held: ContextVar[FileLock | None] = ContextVar("held", default=None)


@contextmanager
def turn_on(gpu: str | None) -> Iterator[None]:
    """Within it, until `let_go`, no other process of this user has a turn; None takes no turns.

    Where the cache cannot be written, or its file system has no locks, nobody waits.
    """
    if gpu is None:
        yield
        return
    path = cache_root() / "turns" / f"{gpu}.lock"
    lock = FileLock(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            warn("waits for its turn: at the same time processes slow each other on a GPU", gpu=gpu)
            lock.acquire()
    except (OSError, NotImplementedError) as error:
        warn("goes on without a turn on the GPU, as others may", gpu=gpu, error=str(error))
    token = _held.set(lock)
    try:
        yield
    finally:
        _held.reset(token)
        lock.release()


def let_go() -> None:
    """End the turn that this is in, if any: what follows computes on the processor."""
    if (lock := _held.get()) is not None:
        lock.release()

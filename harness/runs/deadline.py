"""A time limit for a block of code."""

import faulthandler
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

GRACE_SECONDS = 20.0
"""What ignores its end for so long, in compiled code, takes the process along."""


class DeadlineError(BaseException):
    """Time is up; no `except Exception` on the way stops it."""


@contextmanager
def deadline(seconds: float | None) -> Iterator[None]:
    """Within it, at most so many seconds, in the main thread of a process that can be spared.

    `seconds`: None for no end. DeadlineError where time is up. Where that is caught, or code
    outside Python never returns, the process ends `GRACE_SECONDS` later.
    """
    if seconds is None:
        yield
        return

    def over(_signal: int, _frame: FrameType | None) -> None:
        raise DeadlineError(f"did not end within --timeout {seconds:g} seconds")

    before = signal.signal(signal.SIGALRM, over)
    # Its thread needs no lock of Python's, so it ends even a loop that never leaves C.
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        faulthandler.dump_traceback_later(seconds + GRACE_SECONDS, exit=True, file=nowhere)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            try:
                yield
            finally:
                # Time may be up just before this, and interrupt it.
                signal.setitimer(signal.ITIMER_REAL, 0)
        finally:
            faulthandler.cancel_dump_traceback_later()
            signal.signal(signal.SIGALRM, before)

"""How much memory a stretch of work took at its peak, and when to look for what is unused."""

import contextlib
import gc
import re
import sys
from collections.abc import Iterator
from pathlib import Path


def reset_peak() -> None:
    """Forget the process's high-water mark, where the system can (Linux)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_bytes() -> int:
    """Largest resident size since `reset_peak`, or since the start where it cannot be reset."""
    with contextlib.suppress(OSError):
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        if found := re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE):
            return int(found[1]) * 1024
    # Not every system has the module.
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


@contextlib.contextmanager
def collecting_later() -> Iterator[None]:
    """Leave cycles of garbage alone for a while, such as while a million objects are made to stay.

    Looking through them again and again would take longer than making them.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()

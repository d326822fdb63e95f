"""Progress bars on a terminal, and plain log lines elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import SupportsFloat

from harness.system.logs import event
from harness.system.progress import Progress

QUIET_SECONDS = 30.0
"""How often a long step says where it is when there is no bar."""


@contextmanager
def shown(label: str) -> Iterator[Progress]:
    """A progress for one step: a bar that vanishes, or a log line now and then.

    `label`: what is done, such as `fit movies 0.85 untuned seed 0`.
    """
    if sys.stderr.isatty():
        from tqdm import tqdm

        with tqdm(desc=label, leave=False, file=sys.stderr, dynamic_ncols=True) as bar:

            def advance(done: int, total: int, **metrics: SupportsFloat) -> None:
                bar.total = total
                bar.n = done
                bar.set_postfix({name: f"{float(value):.3g}" for name, value in metrics.items()})

            yield advance
    else:
        last = time.monotonic()

        def report(done: int, total: int, **metrics: SupportsFloat) -> None:
            nonlocal last
            if time.monotonic() - last >= QUIET_SECONDS:
                last = time.monotonic()
                told = {name: float(value) for name, value in metrics.items()}
                event(label, done=done, total=total, **told)

        yield report

"""A block ends in time, and what watched over it ends with it."""

import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from harness.runs import deadline as module
from harness.runs.deadline import DeadlineError, deadline


@pytest.fixture
def watches(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What became of the watch over the process, which ends this one where it stays."""
    told: list[str] = []
    for name in ("dump_traceback_later", "cancel_dump_traceback_later"):
        monkeypatch.setattr(
            module.faulthandler, name, lambda *_, said=name, **__: told.append(said)
        )
    before = signal.getsignal(signal.SIGALRM)
    yield told
    signal.signal(signal.SIGALRM, before)


def test_what_takes_too_long_is_ended(watches: list[str]) -> None:
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(DeadlineError, match=r"--timeout 0.05 seconds"), deadline(0.05):
        time.sleep(60)
    with deadline(60):
        pass
    assert watches == ["dump_traceback_later", "cancel_dump_traceback_later"] * 2
    assert signal.getsignal(signal.SIGALRM) is before


def test_time_that_is_up_just_after_the_block_leaves_no_watch_behind(
    watches: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, real = signal.getsignal(signal.SIGALRM), signal.setitimer

    def late(which: int, seconds: float) -> Any:
        if not seconds:
            monkeypatch.setattr(signal, "setitimer", real)
            signal.raise_signal(signal.SIGALRM)
        return real(which, seconds)

    monkeypatch.setattr(signal, "setitimer", late)
    with pytest.raises(DeadlineError), deadline(60):
        pass
    signal.alarm(0)
    assert watches == ["dump_traceback_later", "cancel_dump_traceback_later"]
    assert signal.getsignal(signal.SIGALRM) is before

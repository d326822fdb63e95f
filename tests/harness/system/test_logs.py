"""Events for people and for machines; bars on a terminal alone."""

import errno
import io
import json
import logging
import sys
from pathlib import Path

import pytest

from harness.runs import progress_bars as bars
from harness.system.logs import LOGGER, event, set_up, warn


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _restored() -> None:
    yield
    for handler in LOGGER.handlers[:]:
        LOGGER.removeHandler(handler)
        handler.close()
    LOGGER.propagate = True


def test_events_reach_stderr_and_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "log.jsonl"
    set_up(level=logging.WARNING, log_file=file)
    event("done", what="movies 0.85", seconds=1.23456)
    warn("failed", error='say "no"', empty="")
    err = capsys.readouterr().err
    assert "done" not in err
    assert err.endswith('warning: failed error="say \\"no\\"" empty=""\n')
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [(line["level"], line["event"]) for line in lines] == [
        ("info", "done"),
        ("warning", "failed"),
    ]
    assert lines[0]["seconds"] == 1.23456


def test_setting_up_twice_does_not_say_things_twice(capsys: pytest.CaptureFixture[str]) -> None:
    set_up()
    set_up()
    event("once", n=3)
    assert capsys.readouterr().err.count("once n=3") == 1


def test_an_event_that_cannot_be_written_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    set_up()
    monkeypatch.setattr(sys, "stderr", Full())
    event("done")
    warn("failed")


def test_a_bar_shows_on_a_terminal_and_vanishes(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with bars.shown("fit") as progress:
        progress(1, 4, loss=0.5)
    text = terminal.getvalue()
    assert "fit:" in text
    assert "loss=0.5" in text
    # The last thing written is the blank that wipes the line.
    assert text.rsplit("\r", 2)[-2].strip() == ""


def test_elsewhere_a_long_step_logs_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up()
    clock = iter([0.0, 10.0, 31.0, 31.0, 40.0])
    monkeypatch.setattr(bars.time, "monotonic", lambda: next(clock))
    with bars.shown("fit") as progress:
        for step in range(3):
            progress(step, 3, loss=0.25)
    err = capsys.readouterr().err
    assert err.count("fit") == 1
    assert "fit done=1 total=3 loss=0.25" in err
    assert "\r" not in err

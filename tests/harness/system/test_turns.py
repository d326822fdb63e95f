"""Of several that compute on one GPU each has its turn."""

import errno
from pathlib import Path
from threading import Event, Thread

import pytest

from harness.system import turns
from harness.system.turns import let_go, turn_on


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISENTANGLE_CACHE", str(tmp_path))


@pytest.mark.parametrize("early", [True, False])
def test_the_next_one_waits_for_the_same_gpu_and_says_so(
    early: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Event()
    monkeypatch.setattr(turns, "warn", lambda *_, **__: said.set())
    order: list[str] = []

    def next_one() -> None:
        with turn_on("one"):
            order.append("next")

    other = Thread(target=next_one)
    with turn_on("one"):
        with turn_on("two"):
            assert not said.is_set()
        other.start()
        assert said.wait(60)
        order.append("first")
        if early:
            let_go()
            other.join(60)
        order.append("probes")
    other.join(60)
    assert order == (["first", "next", "probes"] if early else ["first", "probes", "next"])


def test_the_processor_takes_no_turns(tmp_path: Path) -> None:
    with turn_on(None):
        let_go()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("fault", ["folder", "lock"])
def test_without_a_folder_or_locks_nobody_waits(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(turns, "warn", lambda what, **_: said.append(what))
    if fault == "folder":
        (tmp_path / "turns").write_text("a file")
    else:

        def refused(*_: object) -> None:
            raise OSError(errno.ENOLCK, "No locks available")

        monkeypatch.setattr("filelock._unix.fcntl.flock", refused)
    with turn_on("one"), turn_on("one"):
        let_go()
    assert said == ["goes on without a turn on the GPU, as others may"] * 2


def test_an_error_ends_the_turn() -> None:
    with pytest.raises(ValueError, match="broken"), turn_on("one"):
        raise ValueError("broken")
    with turn_on("one"):
        pass

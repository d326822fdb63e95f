"""Records come back as they were stored; whatever else lies there is refused by name."""

import errno
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import make_record
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import UserError
from harness.store.records import (
    Record,
    current,
    key_of,
    read_record,
    read_records,
    record_path,
    write_record,
)
from harness.system import storage
from harness.system.storage import check_writable, write_atomically

ROOT = os.geteuid() == 0


def test_a_record_comes_back(tmp_path: Path) -> None:
    record = make_record()
    path = write_record(tmp_path, "smoke", record)
    assert path == tmp_path / "smoke/records/toy/untuned" / f"{record.key}.json"
    back = read_record(path)
    assert back == record
    assert back.to_json() == path.read_text()
    assert back.correct_rows("colour", "animal", "linear").tolist() == [True, True, False, True]
    points, cells = back.projection("colour")
    assert points.tolist() == [[0, 0], [255, 255]]
    assert cells.tolist() == [0, 3]
    assert not list(tmp_path.rglob("*.tmp"))


@pytest.mark.parametrize("status", ["failed", "skipped"])
def test_records_without_scores_come_back(tmp_path: Path, status: str) -> None:
    record = make_record(status=status)
    assert read_record(write_record(tmp_path, "smoke", record)) == record


@pytest.mark.parametrize(
    ("name", "value"),
    [("seed", 1), ("corpus", {"name": "toy", "content": "c1"}), ("settings", {"steps": 3})],
)
def test_the_key_follows_every_input(name: str, value: Any) -> None:
    inputs = make_record().inputs
    assert key_of({**inputs, name: value}) != key_of(inputs)
    assert key_of(dict(reversed(inputs.items()))) == key_of(inputs)


@pytest.mark.parametrize("odd", [1e-05, 1e16, 2**70, "ä\u2028", "\ud800", -0.0, True, 1.0, 1])
def test_records_come_back_whatever_stands_in_their_inputs(tmp_path: Path, odd: Any) -> None:
    record = make_record()
    inputs = {**record.inputs, "odd": odd, "more": {"odd": [odd]}}
    changed = replace(record, inputs=inputs, key=key_of(inputs))
    again = replace(record, provenance={**record.provenance, "odd": {"nested": odd}})
    for written in (changed, again):
        back = read_record(write_record(tmp_path, "smoke", written))
        assert back.to_json() == written.to_json()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(share=st.floats(0, 0.999))
def test_a_truncated_record_is_named(tmp_path: Path, share: float) -> None:
    path = write_record(tmp_path, "smoke", make_record())
    whole = path.read_text()
    path.write_text(whole[: int(share * (len(whole) - 2))])
    with pytest.raises(UserError, match=f"{path}.*delete it and run `python -m harness run"):
        read_record(path)


def _set(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda content: content.update(fields)


@pytest.mark.parametrize(
    "change",
    [
        _set(schema=0),
        _set(status="perhaps"),
        _set(extra=1),
        _set(key="0" * 20),
        _set(inputs={}),
        _set(scores=[]),
        _set(scores=[{"metric": "leakage", "value": "high"}]),
        _set(scores=[{"metric": "leakage", "worth": 1.0}]),
        _set(trial={"task": "toy"}),
        _set(right={"colour/colour/linear": "AAAA"}),
        _set(cells="u1:!"),
        _set(cell_accuracy=float("inf")),
        _set(status="failed"),
        lambda content: content.pop("chance"),
        lambda content: content["trial"].update(seed="0"),
    ],
)
def test_a_foreign_record_is_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    path = write_record(tmp_path, "smoke", make_record())
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    with pytest.raises(UserError, match=path.name):
        read_record(path)


@pytest.mark.parametrize("content", ["[]", "{}", "null", '{"a": NaN}', "\xff"])
def test_what_is_no_record_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "smoke/records/toy/untuned/0.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(UserError, match="--profile smoke"):
        read_records(tmp_path, "smoke")


def test_a_renamed_record_is_refused(tmp_path: Path) -> None:
    path = write_record(tmp_path, "smoke", make_record())
    moved = path.rename(path.with_name("copy.json"))
    with pytest.raises(UserError, match="another name"):
        read_record(moved)


def test_no_records_are_explained(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="run `python -m harness run --profile quick`"):
        read_records(tmp_path, "quick")


def test_names_cannot_leave_the_folder(tmp_path: Path) -> None:
    record = make_record(task="../../evil")
    path = record_path(tmp_path, "smoke", record)
    assert (tmp_path / "smoke/records") in path.resolve().parents


def test_the_newest_content_of_a_task_is_shown_alone() -> None:
    old = [make_record(m, content="old", started="2026-01-01") for m in ("untuned", "other")]
    new = make_record(content="new", started="2026-02-01")
    elsewhere = make_record(task="second", started="2026-01-01")
    assert current([*old, new, elsewhere]) == (elsewhere, new)
    assert current(reversed(old)) == (old[1], old[0])


def test_the_newest_settings_of_a_method_are_shown_alone() -> None:
    """Half of a refit with new defaults: no mean is over both."""

    def with_rate(rate: float, seed: int, day: str, method: str = "untuned") -> Record:
        record = make_record(method, seed=seed, started=day)
        inputs = {**record.inputs, "settings": {"rate": rate}}
        return replace(record, inputs=inputs, key=key_of(inputs))

    old = [with_rate(0.1, seed, "2026-01-01") for seed in range(3)]
    other = with_rate(0.1, 1, "2026-01-01", "other")
    new = with_rate(0.2, 0, "2026-02-01")
    assert current([*old, other, new]) == (other, new)
    assert current([*old, other]) == (other, *old)


def test_a_renamed_file_keeps_its_records_and_has_its_last_name() -> None:
    def named(task: str, seed: int, content: str = "c0") -> Record:
        record = make_record(seed=seed, started=f"2026-01-0{seed + 1}", content=content)
        trial = replace(record.trial, task=task)
        inputs = {**record.inputs, "task": {"name": "data-0f"}, "corpus": {"content": content}}
        return replace(record, trial=trial, inputs=inputs, key=key_of(inputs))

    first, second, other = named("data-old", 0), named("data-new", 1), named("data-old", 2, "c1")
    assert record_path(Path(), "quick", first).parts[2] == "data-0f"
    shown = current([first, second, other])
    assert [(r.trial.task, r.trial.seed) for r in shown] == [
        ("data-new", 0),
        ("data-new", 1),
        ("data-old", 2),
    ]
    assert current([other, second, first]) == shown


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_record(tmp_path, "smoke", make_record(value=0.5))
    before = path.read_text()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage.os, "fsync", full)
    with pytest.raises(UserError, match=r"cannot write .*the disk is full; free some space"):
        write_record(tmp_path, "smoke", make_record(value=0.9))
    assert path.read_text() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_crash_before_the_rename_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_record(tmp_path, "smoke", make_record(value=0.5))
    before = path.read_text()

    def crash(source: str, target: Path) -> None:
        assert Path(source).parent == target.parent
        assert '"value": 0.9' in Path(source).read_text()
        assert target.read_text() == before
        raise KeyboardInterrupt

    monkeypatch.setattr(storage.os, "replace", crash)
    with pytest.raises(KeyboardInterrupt):
        write_record(tmp_path, "smoke", make_record(value=0.9))
    assert path.read_text() == before


def test_what_is_no_number_is_never_stored(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_record(tmp_path, "smoke", make_record(value=float("nan")))
    assert not list(tmp_path.rglob("*.json"))


def test_a_file_in_the_way_is_explained(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("")
    for attempt in (
        lambda: check_writable(tmp_path / "results" / "smoke"),
        lambda: write_atomically(tmp_path / "results" / "a.csv", ""),
    ):
        with pytest.raises(UserError, match="part of the path is a file"):
            attempt()


@pytest.mark.skipif(ROOT, reason="nothing is read-only for root")
def test_a_read_only_folder_is_explained(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UserError, match="choose another folder with --results"):
        check_writable(tmp_path)

"""Any bytes at all: readers answer with the documented errors, and run nothing."""

import contextlib
import json
import pickle
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from data import tasks
from data.errors import UserError
from harness.contract.artifacts import described, read_artifact, write_artifact
from harness.contract.method import Method
from harness.contract.scores import Score
from harness.encoders.backbones import Backbone
from harness.encoders.hidden_state_cache import PrefixCache
from harness.store.records import Record, key_of, read_record, schema_of, write_record
from harness.store.trial import Trial

EXAMPLES = 150

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


class Canary:
    """Unpickled, it leaves a file: proof that a reader has run code."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self._mark,))


def record() -> Record:
    trial = Trial("toy", 0.85, "random-bert", "untuned", "default", 0)
    inputs = {"schema": schema_of(), "seed": 0}
    return Record(
        schema_of(),
        key_of(inputs),
        "done",
        "",
        trial,
        inputs,
        scores=(Score("leakage", 0.5, "a", "b", "linear"),),
        provenance={"started": "2026-01-01"},
    )


@pytest.fixture(scope="module")
def mark(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("canary") / "sang"


def test_the_canary_sings(tmp_path: Path) -> None:
    """Control: a reader that unpickles would be found out."""
    bird = tmp_path / "sang"
    pickle.loads(pickle.dumps(Canary(bird)))
    assert bird.exists()


@settings(max_examples=EXAMPLES)
@given(content=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_csv(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("csv") / "own.csv"
    file.write_bytes(content)
    with pytest.raises(UserError, match=r"own\.csv"):
        tasks.find("data", data=file, text="a text", aspects=("one aspect", "another")).load(None)


@settings(max_examples=EXAMPLES)
@given(
    rows=st.lists(st.lists(st.text(max_size=6), max_size=5), max_size=6),
    delimiter=st.sampled_from([",", ";", "\t", '"']),
)
def test_csv_with_the_right_header(
    rows: list[list[str]], delimiter: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("csv") / "own.csv"
    lines = ["t,x,y", *(delimiter.join(row) for row in rows)]
    file.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    with contextlib.suppress(UserError):
        frame = tasks.find("data", data=file, text="t", aspects=("x", "y")).load(None).frame
        assert list(frame.columns) == ["t", "x", "y"]
        assert (frame.map(str.strip) != "").all().all()


def read_any_record(folder: Path, content: bytes) -> None:
    path = folder / "smoke" / "records" / "toy" / "untuned" / "0.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"delete it and run `python -m harness run"):
        read_record(path)


@settings(max_examples=EXAMPLES)
@given(content=st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_record(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    read_any_record(tmp_path_factory.mktemp("record"), content)


@pytest.mark.parametrize(
    "content",
    [b"[" * 100_000, b'{"a":' * 100_000, b'{"schema": ' + b"9" * 5000 + b"}", b"\xff\xfe{}"],
    ids=["deep list", "deep object", "long number", "bytes"],
)
def test_hostile_records(content: bytes, tmp_path: Path) -> None:
    read_any_record(tmp_path, content)


@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_a_record_with_one_field_of_anything(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("record")
    path = write_record(folder, "smoke", record())
    content = json.loads(path.read_text())
    field = data.draw(st.sampled_from(sorted(content)))
    content[field] = data.draw(JSON | st.just(10**400))
    path.write_text(json.dumps(content))
    with contextlib.suppress(UserError):
        found = read_record(path)
        # What is read can be worked with: written again, it is the same.
        assert json.loads(found.to_json())["key"] == path.stem


def artifact(folder: Path, backbone: Backbone) -> None:
    write_artifact(
        folder,
        {"weight": torch.zeros(2, 3)},
        method="empty",
        settings=Method.Settings(),
        aspects={"a": 2},
        backbone=backbone,
    )


@settings(max_examples=EXAMPLES)
@given(
    file=st.sampled_from(["config.json", "model.safetensors"]),
    content=st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode()),
)
def test_any_artifact(
    file: str, content: bytes, backbone: Backbone, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("artifact")
    artifact(folder, backbone)
    assert set(read_artifact(folder, method="empty", backbone=backbone)[0]) == {"weight"}
    (folder / file).write_bytes(content)
    with pytest.raises(UserError, match=r"artifact|backbone|method"):
        read_artifact(folder, method="empty", backbone=backbone)


@pytest.mark.parametrize("file", ["config.json", "model.safetensors"])
def test_a_pickle_in_an_artifact_is_not_opened(
    file: str, backbone: Backbone, tmp_path: Path, mark: Path
) -> None:
    artifact(tmp_path, backbone)
    content = pickle.dumps(Canary(mark))
    headed = struct.pack("<Q", len(content)) + content
    for hostile in (content, headed):
        (tmp_path / file).write_bytes(hostile)
        with pytest.raises(UserError):
            read_artifact(tmp_path, method="empty", backbone=backbone)
        if file == "config.json":
            with pytest.raises(UserError):
                described(tmp_path)
    assert not mark.exists()


def test_a_pickle_as_a_record_or_a_cache_entry_is_not_opened(tmp_path: Path, mark: Path) -> None:
    content = pickle.dumps(Canary(mark))
    read_any_record(tmp_path / "records", content)
    cache = PrefixCache(tmp_path / "cache")
    states = torch.from_numpy(np.ones((70_000, 8), dtype=np.float32))
    cache.write("a", states)
    assert cache.read("a") is not None
    (tmp_path / "cache" / "a").write_bytes(content)
    assert cache.read("a") is None
    assert not mark.exists()

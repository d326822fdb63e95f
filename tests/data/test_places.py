"""Files, folders, saved datasets and names on the hub."""

import json
from pathlib import Path

import huggingface_hub
import pyarrow as pa
import pytest

from data import tasks
from data.corpora.places import files_at, title
from data.errors import UserError


def filled(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    return folder


def files(named: object) -> list[str]:
    return [path.name for path in files_at(str(named))]


def saved(folder: Path, *shards: list[str]) -> Path:
    """A dataset as `save_to_disk` of datasets 5 writes it: streams of Arrow and their names."""
    folder.mkdir(parents=True)
    names = [f"data-{i:05}-of-{len(shards):05}.arrow" for i in range(len(shards))]
    features = {"mood": {"names": ["bad", "good"], "_type": "ClassLabel"}}
    about = {"huggingface": json.dumps({"info": {"features": features}})}
    for name, texts in zip(names, shards, strict=True):
        columns = {"text": texts, "mood": [0] * len(texts), "topic": ["sea"] * len(texts)}
        table = pa.table(columns).replace_schema_metadata(about)
        with pa.ipc.new_stream(folder / name, table.schema) as stream:
            stream.write(table)
    listed = [{"filename": name} for name in names]
    (folder / "state.json").write_text(json.dumps({"_data_files": listed, "_split": None}))
    (folder / "dataset_info.json").write_text("{}")
    return folder


def test_a_saved_dataset_is_read_in_order(tmp_path: Path) -> None:
    folder = saved(tmp_path / "own", ["b", "a"], ["c"])
    corpus = tasks.find("data", data=folder, aspects=["mood", "topic"]).load(None)
    assert corpus.frame.to_dict("list") == {
        "text": ["b", "a", "c"],
        "mood": ["bad"] * 3,
        "topic": ["sea"] * 3,
    }
    with pytest.raises(UserError, match="one dataset without splits; leave out :train"):
        files_at(f"{folder}:train")


def test_splits_of_a_saved_dataset(tmp_path: Path) -> None:
    for split in ("train", "test"):
        saved(tmp_path / "own" / split, [split])
    (tmp_path / "own" / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')

    def texts(named: str) -> list[str]:
        frame = tasks.find("data", data=named, aspects=["mood", "topic"]).load(None).frame
        return list(frame["text"])

    assert texts(f"{tmp_path / 'own'}") == ["train", "test"]
    assert texts(f"{tmp_path / 'own'}:test") == ["test"]
    with pytest.raises(UserError, match=r"unknown split of .*own 'tst'; did you mean 'test'"):
        texts(f"{tmp_path / 'own'}:tst")
    (tmp_path / "own" / "test" / "state.json").write_text("{")
    with pytest.raises(UserError, match="is not what `save_to_disk` writes"):
        texts(f"{tmp_path / 'own'}:test")


@pytest.mark.parametrize(
    ("names", "split", "chosen"),
    [
        (["train.csv", "test.csv", "README.md", ".git/x.csv"], "test", ["test.csv"]),
        (["my-dev-1.csv", "my-train-1.csv"], "validation", ["my-dev-1.csv"]),
        (["evaluation/a.csv", "train/b.csv"], "test", ["a.csv"]),
        (["data/extra-00000-of-00002.csv", "data/extra-00001-of-00002.csv"], "extra", 2),
        (["a.parquet", "b.parquet", "dataset_infos.json"], "train", ["a.parquet", "b.parquet"]),
    ],
)
def test_splits_are_in_the_names_of_files(
    tmp_path: Path, names: list[str], split: str, chosen: list[str] | int
) -> None:
    folder = filled(tmp_path, *names)
    found = files(f"{folder}:{split}")
    assert found == chosen or len(found) == chosen
    assert set(found) <= set(files(folder))


def test_a_folder_holds_one_table(tmp_path: Path) -> None:
    for names, message in (
        (["a.csv", "b.parquet"], r"holds \.csv and \.parquet files; name one file"),
        (["notes.md"], r"holds no \.csv or"),
        (["cola/train.csv", "sst2/train.csv"], "several tables: cola, sst2; name one folder"),
    ):
        folder = filled(tmp_path / names[0].replace("/", "-"), *names)
        with pytest.raises(UserError, match=message):
            files_at(str(folder))
    with pytest.raises(UserError, match="is one file and has no splits; leave out :train"):
        files_at(f"{filled(tmp_path, 'one.csv') / 'one.csv'}:train")
    with pytest.raises(UserError, match=r"cannot read reviews: .*owner/name"):
        files_at("reviews")


def test_the_hub_is_asked_for_tables_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def given(name: str, *, repo_type: str, allow_patterns: list[str]) -> str:
        asked.append((name, repo_type, "*.parquet" in allow_patterns))
        if name == "no/such":
            raise OSError("no route to host\nat all")
        return str(filled(tmp_path, "sst2/train-00000-of-00001.parquet"))

    monkeypatch.setattr(huggingface_hub, "snapshot_download", given)
    assert files("nyu/glue/sst2:train") == ["train-00000-of-00001.parquet"]
    assert asked == [("nyu/glue", "dataset", True)]
    with pytest.raises(UserError, match=r"no/such, .*\(no route to host at all\)"):
        files_at("no/such")


def test_titles_are_short() -> None:
    for named, short in {
        "some/reviews.csv": "reviews",
        "some/Reviews.JSONL": "Reviews",
        "a/folder/": "folder",
        "a/folder:test": "folder-test",
        "owner/name": "name",
        ".": ".",
    }.items():
        assert title(named) == short

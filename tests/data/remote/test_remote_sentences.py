"""`ptb`, `yelp` and `captions` from small files of the published forms, end to end."""

import gzip
import hashlib
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from loopback import Loopback

from data import corpora
from data.errors import UserError
from data.remote import layout
from data.remote.fetching import fetch
from data.remote.sources import SOURCES, Source

REAL = Path(__file__).parents[4] / "shared" / "data"

FILES: Mapping[str, Mapping[str, str]] = {
    "ptb": {name: f" the {name} <unk> \n N more\u2028or less \n" for name in SOURCES["ptb"]},
    "yelp": {name: f"{name} .\nso so .\n" for name in SOURCES["yelp"]},
    "captions": {name: f"{name} of a dog\n{name} of a cat\n" for name in SOURCES["captions"]},
}
CORPORA = ("ptb", "yelp", "captions")


def put(
    server: Loopback, corpus: str, changes: Mapping[str, str] | None = None
) -> dict[str, Source]:
    served = {}
    for name, text in {**FILES[corpus], **(changes or {})}.items():
        zipped = SOURCES[corpus][name].url.endswith(".gz")
        body = gzip.compress(text.encode()) if zipped else text.encode()
        served[name] = server.put(f"{name}{'.gz' if zipped else '.txt'}", body)
    return served


@pytest.mark.parametrize("corpus", CORPORA)
def test_end_to_end(corpus: str, server: Loopback, tmp_path: Path) -> None:
    path = fetch(corpus, tmp_path, sources=put(server, corpus))
    assert pq.read_schema(path).remove_metadata() == getattr(layout, corpus.upper())
    assert len(server.requests) == len(SOURCES[corpus])
    # What is made is what the corpus reads.
    assert len(corpora.load(corpus, data_dir=tmp_path).frame) == 2 * len(SOURCES[corpus])


def test_rows_of_each(server: Loopback, tmp_path: Path) -> None:
    ptb, yelp, captions = (
        pd.read_parquet(fetch(name, tmp_path, sources=put(server, name))) for name in CORPORA
    )
    assert ptb.head(3).values.tolist() == [
        ["train", "the ptb-train <unk>"],
        ["train", "N more\u2028or less"],
        ["valid", "the ptb-valid <unk>"],
    ]
    assert yelp.iloc[[0, 2, 4]].values.tolist() == [
        ["dev", 0, "yelp-dev-0 ."],
        ["dev", 1, "yelp-dev-1 ."],
        ["test", 0, "yelp-test-0 ."],
    ]
    assert captions.iloc[[0, 4, 5, 10]].values.tolist() == [
        ["train", 0, 0, "captions-train-1 of a dog"],
        ["train", 0, 4, "captions-train-5 of a dog"],
        ["train", 1, 0, "captions-train-1 of a cat"],
        ["valid", 0, 0, "captions-val-1 of a dog"],
    ]


@pytest.mark.parametrize(
    ("corpus", "name", "body", "message"),
    [
        ("captions", "captions-val-3", "one\n", "has 2 lines but .* has 1"),
        ("yelp", "yelp-dev-0", "one\n\ntwo\n", "nothing in line 2"),
    ],
)
def test_original_of_another_form_is_one_error(
    corpus: str, name: str, body: str, message: str, server: Loopback, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=message):
        fetch(corpus, tmp_path, sources=put(server, corpus, {name: body}))
    assert not (tmp_path / f"{corpus}.parquet").exists()


def test_a_damaged_archive_is_one_error(server: Loopback, tmp_path: Path) -> None:
    sources = put(server, "captions")
    name = "captions-train-2"
    for body in (b"no gzip", gzip.compress(b"cut off")[:-9]):
        broken = server.put(f"{len(body)}.gz", body)
        with pytest.raises(UserError, match=r"cannot read .*get it again"):
            fetch("captions", tmp_path, sources={**sources, name: broken})


@pytest.mark.parametrize("corpus", CORPORA)
def test_layout_is_that_of_the_real_file(corpus: str) -> None:
    path = REAL / f"{corpus}.parquet"
    if not path.exists():
        pytest.skip(f"no real {corpus} at {REAL}")
    assert pq.read_schema(path).remove_metadata() == getattr(layout, corpus.upper())


def test_pins_are_those_of_the_real_sentences() -> None:
    """The original has a space on both sides of every line."""
    path = REAL / "ptb.parquet"
    if not path.exists():
        pytest.skip(f"no real ptb at {REAL}")
    frame = pd.read_parquet(path)
    for part, texts in frame.groupby("split")["text"]:
        original = "".join(f" {text} \n" for text in texts).encode()
        assert SOURCES["ptb"][f"ptb-{part}"].pin == f"sha256:{hashlib.sha256(original).hexdigest()}"


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"ptb.parquet is missing .*harness download ptb --data-dir"
    ):
        corpora.load("ptb", data_dir=tmp_path)
    with pytest.raises(UserError, match=r"gum.parquet is missing .*nothing downloads it.*data.md"):
        corpora.load("gum", data_dir=tmp_path)

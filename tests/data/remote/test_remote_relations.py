"""`fewrel_wiki` and `fewrel_semeval` from small files of the published form, end to end."""

import json
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from loopback import Loopback

from data import corpora
from data.errors import UserError
from data.remote import layout
from data.remote.fetching import fetch
from data.remote.sources import SOURCES

EXAMPLE = {
    "tokens": ["Old", "Town", "and", "old", "town", "lie", "in", "Utopia"],
    "h": ["old town", "Q1", [[0, 1], [3, 4]]],
    "t": ["utopia", "Q2", [[7]]],
}


@pytest.mark.parametrize(
    ("name", "sources"),
    [("fewrel_wiki", SOURCES["fewrel_wiki"]), ("fewrel_semeval", SOURCES["fewrel_semeval"])],
)
def test_end_to_end(name: str, sources: dict, server: Loopback, tmp_path: Path) -> None:
    content = json.dumps({"P1": [EXAMPLE], "P2": [EXAMPLE, EXAMPLE]}).encode()
    served = {each: server.put("some.json", content) for each in sources}
    path = fetch(name, tmp_path, sources=served)
    assert pq.read_schema(path).remove_metadata() == layout.RELATIONS
    frame = pd.read_parquet(path)
    assert frame["relation"].tolist() == ["P1", "P2", "P2"]
    # Of several places the first.
    assert frame["head_positions"].map(list).tolist() == [[0, 1]] * 3
    assert frame.loc[0, ["head", "head_id", "tail", "tail_id"]].tolist() == [
        "old town",
        "Q1",
        "utopia",
        "Q2",
    ]
    assert corpora.load(name, data_dir=tmp_path).frame["tail_positions"].tolist() == [(7,)] * 3


@pytest.mark.parametrize("content", [b"{", b'{"P1": [{"tokens": ["a"]}]}', b"[1]", b'{"P1": 3}'])
def test_another_form_is_one_error(content: bytes, server: Loopback, tmp_path: Path) -> None:
    served = {each: server.put("bad.json", content) for each in SOURCES["fewrel_wiki"]}
    with pytest.raises(UserError, match=r"is not in the form of FewRel .*; get it again"):
        fetch("fewrel_wiki", tmp_path, sources=served)


def test_what_has_no_commit_has_a_digest() -> None:
    assert all(
        s.pin.startswith("sha256:")
        for s in (*SOURCES["fewrel_wiki"].values(), *SOURCES["fewrel_semeval"].values())
    )

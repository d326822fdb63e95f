"""`counterfactual` from small files of the published form, end to end."""

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

HEAD = "Sentiment\tText\tbatch_id"


def put(server: Loopback, *, batch: str = "1") -> dict[str, Source]:
    served = {}
    for place, name in enumerate(SOURCES["counterfactual"]):
        rows = (
            f'Negative\t"It is ""{name}"" and<br /><br />bad."\t{batch}{place}',
            f"Positive\tIt is {name} and good.\t{batch}{place}",
        )
        served[name] = server.put(f"{name}.tsv", "\n".join([HEAD, *rows]).encode())
    return served


def test_end_to_end(server: Loopback, tmp_path: Path) -> None:
    path = fetch("counterfactual", tmp_path, sources=put(server))
    assert pq.read_schema(path).remove_metadata() == layout.COUNTERFACTUAL
    assert pd.read_parquet(path).head(2).values.tolist() == [
        ["train", 10, "negative", 'It is "counterfactual-train" and<br /><br />bad.'],
        ["train", 10, "positive", "It is counterfactual-train and good."],
    ]
    # What is made is what the corpus reads.
    assert len(corpora.load("counterfactual", data_dir=tmp_path).frame) == 6


def test_another_form_is_one_error(server: Loopback, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"has a batch_id that is no number; get it again"):
        fetch("counterfactual", tmp_path, sources=put(server, batch="x"))


def test_each_file_is_addressed_by_a_commit() -> None:
    assert all(len(source.url.split("/")[5]) == 40 for source in SOURCES["counterfactual"].values())

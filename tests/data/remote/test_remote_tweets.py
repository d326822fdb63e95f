"""`tweets.parquet` and `founta.parquet` from small files of the published forms, end to end."""

import csv
import io
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from loopback import Loopback

from data.errors import UserError
from data.remote import layout
from data.remote.fetching import fetch
from data.remote.founta import read_founta
from data.remote.sources import SOURCES, Source
from data.remote.tweets import PARTS

REAL = Path(__file__).parents[4] / "shared" / "data" / "tweets.parquet"

COUNTS = "900\t10\t10\t80\n5\t10\t20\t965\n200\t200\t200\t400\n10\t970\t10\t10\n1\t1\t997\t1\n"
WORDS = "50\tfinna\n40\tindeed\n30\tday\n20\tque\n10\tlah\n"
DAVIDSON = (
    (0, "1", "finna be a day &amp; more"),
    (1, "0", 'indeed "so"'),
    (2, "2", "two\n\nlines, one day"),
    (4, "2", "zzz yyy xxx"),
)


def davidson_csv() -> str:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["", "count", "hate_speech", "offensive_language", "neither", "class", "tweet"])
    for number, label, text in DAVIDSON:
        writer.writerow([number, 3, 0, 0, 3, label, text])
    return buffer.getvalue()


def originals() -> dict[str, str]:
    files = {
        "davidson": davidson_csv(),
        "twitteraae-counts": COUNTS,
        "twitteraae-words": WORDS,
    }
    for subset in ("offensive", "hate"):
        for part in PARTS:
            files[f"{subset}-{part}-text"] = f"@user {part} lah day \n que\u2028que indeed \n"
            files[f"{subset}-{part}-labels"] = "0\n1\n"
    return files


def put(server: Loopback, files: dict[str, str]) -> dict[str, Source]:
    return {name: server.put(f"{name}.txt", body.encode()) for name, body in files.items()}


def test_tweets_end_to_end(server: Loopback, tmp_path: Path) -> None:
    sources = put(server, originals())
    assert sources.keys() == SOURCES["tweets"].keys()
    path = fetch("tweets", tmp_path, sources=sources)
    frame = pd.read_parquet(path)
    assert pq.read_schema(path).remove_metadata() == layout.TWEETS
    assert list(frame.groupby(["corpus", "split"], sort=False).size().items()) == [
        (("davidson2017", "all"), 4),
        *((("tweeteval_offensive", part), 2) for part in PARTS),
        *((("tweeteval_hate", part), 2) for part in PARTS),
    ]
    davidson = frame.iloc[:4]
    assert davidson["text"].tolist() == [text for _, _, text in DAVIDSON]
    assert davidson["idx"].tolist() == [0, 1, 2, 3]
    assert davidson["label"].tolist() == ["offensive", "hate", "neither", "neither"]
    assert davidson["toxic"].tolist() == [1, 1, 0, 0]
    assert davidson["dialect"].tolist()[:3] == ["AA", "White", "White"]
    columns = ["p_aa", "p_hispanic", "p_other", "p_white", "dialect"]
    assert davidson[columns].iloc[3].isna().all()
    sums = frame[columns[:4]].dropna().sum(axis=1)
    assert len(sums) == len(frame) - 1
    assert (sums - 1).abs().max() < 3e-5
    hate = frame[(frame.corpus == "tweeteval_hate") & (frame.split == "val")]
    assert hate["text"].tolist() == ["@user val lah day ", " que\u2028que indeed "]
    assert hate["label"].tolist() == ["non-hate", "hate"]
    assert hate["dialect"].tolist() == ["Other", "Hisp"]
    offensive = frame[frame.corpus == "tweeteval_offensive"]
    assert offensive["label"].tolist() == ["non-offensive", "offensive"] * 3
    assert offensive["toxic"].tolist() == [0, 1] * 3


def test_second_call_downloads_nothing(server: Loopback, tmp_path: Path) -> None:
    sources = put(server, originals())
    path = fetch("tweets", tmp_path, sources=sources)
    first, asked = path.read_bytes(), len(server.requests)
    assert asked == len(SOURCES["tweets"])
    path.unlink()
    assert fetch("tweets", tmp_path, sources=sources).read_bytes() == first
    assert len(server.requests) == asked


@pytest.mark.skipif(not REAL.exists(), reason=f"no real tweets at {REAL}")
def test_layout_is_that_of_the_real_file() -> None:
    assert pq.read_schema(REAL).remove_metadata() == layout.TWEETS
    frame = pd.read_parquet(REAL, columns=["corpus", "split", "label", "toxic"]).drop_duplicates()
    toxic = {label: int(t) for label, t in zip(frame.label, frame.toxic, strict=True)}
    assert toxic == {
        "hate": 1,
        "offensive": 1,
        "neither": 0,
        "non-hate": 0,
        "non-offensive": 0,
    }


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        ("davidson", "id,text\n1,a\n", "has no column class, tweet"),
        ("davidson", "class,tweet\n7,a\n", "class '7', not 0, 1 or 2"),
        ("hate-val-labels", "0\n", "has 2 lines but .* has 1"),
        ("hate-val-labels", "0\n2\n", "unknown label '2'"),
        ("twitteraae-words", "1\ta\n", "not 1 words by 4"),
    ],
)
def test_original_of_another_form_is_one_error(
    server: Loopback, tmp_path: Path, name: str, body: str, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        fetch("tweets", tmp_path, sources=put(server, originals() | {name: body}))
    assert not (tmp_path / "tweets.parquet").exists()


FOUNTA = (
    ("finna day, ok", "abusive", "3"),
    ('a "quoted" day', "hateful", "4"),
    ("buy this", "spam", "5"),
    ("indeed a day", "normal", "2"),
)


def founta_copy(folder: Path, *, delimiter: str, header: tuple[str, ...] | None) -> Path:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter)
    if header is not None:
        writer.writerow(header)
    writer.writerows(FOUNTA)
    path = folder / "copy.csv"
    path.write_text(buffer.getvalue(), encoding="utf-8")
    return path


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
@pytest.mark.parametrize("header", [None, ("tweet", "class", "votes"), ("words", "Label", "n")])
def test_published_forms_of_founta_are_read(
    tmp_path: Path, delimiter: str, header: tuple[str, ...] | None
) -> None:
    tweets = read_founta(founta_copy(tmp_path, delimiter=delimiter, header=header))
    assert [(t.idx, t.label, t.toxic, t.text) for t in tweets] == [
        (0, "abusive", 1, "finna day, ok"),
        (1, "hateful", 1, 'a "quoted" day'),
        (3, "normal", 0, "indeed a day"),
    ]


def test_founta_end_to_end(server: Loopback, tmp_path: Path) -> None:
    copy = founta_copy(tmp_path, delimiter="\t", header=None)
    sources = put(server, originals())
    path = fetch("founta", tmp_path / "data", copy=copy, sources=sources)
    frame = pd.read_parquet(path)
    assert pq.read_schema(path).remove_metadata() == layout.TWEETS
    assert frame["corpus"].unique().tolist() == ["founta"]
    assert frame["dialect"].tolist() == ["AA", "White", "White"]
    assert {name for name, _ in server.requests} == {
        "twitteraae-counts.txt",
        "twitteraae-words.txt",
    }


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "is empty"),
        (b"tweet_id,maj_label\n12345,normal\n12346,spam\n", "only numbers of tweets"),
        (b"text,stars\na b,1\nc d,2\n", "no column with the labels"),
        (b"a b\tnormal\nc d\tnormal\ne f\twhatever\n", "row 3 has no label"),
        (b"\xff\xfea\tnormal\n", "not UTF-8"),
    ],
)
def test_bad_copy_of_founta_is_one_error(tmp_path: Path, body: bytes, message: str) -> None:
    path = tmp_path / "copy.csv"
    path.write_bytes(body)
    with pytest.raises(UserError, match=message):
        fetch("founta", tmp_path, copy=path)


def test_founta_needs_the_users_copy(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not public"):
        fetch("founta", tmp_path)
    with pytest.raises(UserError, match="cannot read"):
        fetch("founta", tmp_path, copy=tmp_path / "none.csv")

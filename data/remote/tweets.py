"""`tweets` from its public originals: Davidson et al. 2017, OLID and HatEval, each with a dialect.

OLID and HatEval are taken from TweetEval, whose label files say 1 for offensive and for hate.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from data.errors import UserError
from data.remote.dialect import DIALECTS, DialectModel
from data.utf8 import read_utf8

PARTS = ("train", "val", "test")
_DAVIDSON_LABELS = {"0": "hate", "1": "offensive", "2": "neither"}
_TWEETEVAL_LABELS = {
    "offensive": {"0": "non-offensive", "1": "offensive"},
    "hate": {"0": "non-hate", "1": "hate"},
}
_TOXIC = {"hate", "offensive"}


class Tweet(NamedTuple):
    """One labelled tweet; `idx` is its position in its file."""

    corpus: str
    split: str
    idx: int
    label: str
    toxic: int
    text: str


def read_davidson(path: Path) -> list[Tweet]:
    """Tweets of `labeled_data.csv` in file order; they have no split of their own."""
    reader = csv.DictReader(io.StringIO(read_utf8(path), newline=""))
    missing = {"class", "tweet"} - set(reader.fieldnames or ())
    if missing:
        raise UserError(f"{path} has no column {', '.join(sorted(missing))}; get the file again")
    tweets = []
    for position, row in enumerate(reader):
        label = _DAVIDSON_LABELS.get(row["class"])
        if label is None or row["tweet"] is None:
            raise UserError(f"{path}, row {position + 1} has class {row['class']!r}, not 0, 1 or 2")
        toxic = int(label in _TOXIC)
        tweets.append(Tweet("davidson2017", "all", position, label, toxic, row["tweet"]))
    return tweets


def read_tweeteval(texts: Path, labels: Path, *, subset: str, part: str) -> list[Tweet]:
    """Tweets of one part of a TweetEval subset, in file order."""
    lines, codes = _lines(texts), [code.strip() for code in _lines(labels)]
    if len(lines) != len(codes):
        raise UserError(
            f"{texts} has {len(lines)} lines but {labels} has {len(codes)}; get both files again"
        )
    names = _TWEETEVAL_LABELS[subset]
    if unknown := sorted(set(codes) - set(names)):
        raise UserError(f"{labels} holds the unknown label {unknown[0]!r}; get the file again")
    return [
        Tweet(f"tweeteval_{subset}", part, idx, names[code], int(names[code] in _TOXIC), text)
        for idx, (text, code) in enumerate(zip(lines, codes, strict=True))
    ]


def columns(rows: Sequence[Tweet], model: DialectModel) -> dict[str, Sequence[Any]]:
    """Columns of `tweets.parquet`: the tweets, their dialect posterior and its largest class."""
    table: dict[str, Sequence[Any]] = {
        name: [getattr(row, name) for row in rows] for name in Tweet._fields
    }
    # Five decimals: the last digits of an iteration differ between machines.
    shares = np.round(model.infer([row.text for row in rows]), 5)
    known = ~np.isnan(shares[:, 0])
    for position, column in enumerate(("p_aa", "p_hispanic", "p_other", "p_white")):
        table[column] = [
            float(value) if k else None for value, k in zip(shares[:, position], known, strict=True)
        ]
    largest = np.argmax(np.nan_to_num(shares), axis=1)
    table["dialect"] = [
        DIALECTS[code] if k else None for code, k in zip(largest, known, strict=True)
    ]
    return table


def read_all(paths: Mapping[str, Path]) -> list[Tweet]:
    """Tweets of the three corpora from the files named as in `sources.toml`."""
    tweets = read_davidson(paths["davidson"])
    for subset in ("offensive", "hate"):
        for part in PARTS:
            stem = f"{subset}-{part}"
            texts, labels = paths[f"{stem}-text"], paths[f"{stem}-labels"]
            tweets += read_tweeteval(texts, labels, subset=subset, part=part)
    return tweets


def _lines(path: Path) -> list[str]:
    lines = [line.removesuffix("\r") for line in read_utf8(path).split("\n")]
    return lines[:-1] if lines and lines[-1] == "" else lines

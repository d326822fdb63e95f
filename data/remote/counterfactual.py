"""`counterfactual` from its public originals: film reviews, each with its rewriting."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data.corpora.tables import text_columns
from data.errors import UserError

PARTS = ("train", "dev", "test")


def counterfactual_columns(paths: Mapping[str, Path]) -> dict[str, list[Any]]:
    """Columns of `counterfactual.parquet` from the files named as in `sources.toml`.

    UserError where a file is unreadable, lacks a column, or names a pair by no number.
    """
    found: dict[str, list[Any]] = {name: [] for name in ("split", "pair", "sentiment", "text")}
    for part in PARTS:
        path = paths[f"counterfactual-{part}"]
        rows = text_columns(path, ("Sentiment", "Text", "batch_id"))
        if not all(map(str.isdecimal, rows["batch_id"])):
            raise UserError(f"{path} has a batch_id that is no number; get it again")
        found["split"] += [part] * len(rows["Text"])
        found["pair"] += map(int, rows["batch_id"])
        found["sentiment"] += map(str.lower, rows["Sentiment"])
        found["text"] += rows["Text"]
    return found

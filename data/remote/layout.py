"""The columns of the Parquet files that the downloads end in, and how they are written."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import UserError

MOVIES = pa.schema(
    [
        ("split", pa.large_string()),
        ("id", pa.int64()),
        ("rating", pa.int64()),
        ("sentiment", pa.large_string()),
        ("movie_id", pa.large_string()),
        ("genres", pa.list_(pa.string())),
        ("text", pa.large_string()),
    ]
)
TWEETS = pa.schema(
    [
        ("corpus", pa.large_string()),
        ("split", pa.large_string()),
        ("idx", pa.int64()),
        ("label", pa.large_string()),
        ("toxic", pa.int64()),
        ("text", pa.large_string()),
        ("p_aa", pa.float64()),
        ("p_hispanic", pa.float64()),
        ("p_other", pa.float64()),
        ("p_white", pa.float64()),
        ("dialect", pa.large_string()),
    ]
)
PTB = pa.schema([("split", pa.large_string()), ("text", pa.large_string())])
YELP = pa.schema(
    [("source_split", pa.large_string()), ("sentiment", pa.int64()), ("text", pa.large_string())]
)
CAPTIONS = pa.schema(
    [
        ("split", pa.large_string()),
        ("image", pa.int64()),
        ("caption", pa.int64()),
        ("text", pa.large_string()),
    ]
)


def write_parquet(columns: Mapping[str, Sequence[Any]], schema: pa.Schema, target: Path) -> Path:
    """Write the columns in the order and types of the schema, atomically.

    Raises
    ------
    UserError
        The folder cannot take the file; nothing is left behind.
    """
    arrays = [pa.array(columns[field.name], field.type) for field in schema]
    partial = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_arrays(arrays, schema=schema), partial, compression="zstd")
        os.replace(partial, target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise UserError(
            f"cannot write {target}: {error.strerror or error}; free space or choose another folder"
        ) from error
    return target

"""The columns of the Parquet files that the downloads end in, and how they are written."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import UserError


def _schema(**columns: str) -> pa.Schema:
    """Columns in order, each of the type that its word names."""
    types = {
        "text": pa.large_string(),
        "whole": pa.int64(),
        "real": pa.float64(),
        "texts": pa.list_(pa.string()),
        "wholes": pa.list_(pa.int64()),
    }
    return pa.schema([(name, types[kind]) for name, kind in columns.items()])


MOVIES = _schema(
    split="text", id="whole", rating="whole", sentiment="text", movie_id="text", genres="texts",
    text="text",
)  # fmt: skip
TWEETS = _schema(
    corpus="text", split="text", idx="whole", label="text", toxic="whole", text="text",
    p_aa="real", p_hispanic="real", p_other="real", p_white="real", dialect="text",
)  # fmt: skip
PTB = _schema(split="text", text="text")
YELP = _schema(source_split="text", sentiment="whole", text="text")
CAPTIONS = _schema(split="text", image="whole", caption="whole", text="text")
RELATIONS = _schema(
    relation="text", tokens="texts", head="text", head_id="text", head_positions="wholes",
    tail="text", tail_id="text", tail_positions="wholes",
)  # fmt: skip
COUNTERFACTUAL = _schema(split="text", pair="whole", sentiment="text", text="text")


def write_parquet(columns: Mapping[str, Sequence[Any]], schema: pa.Schema, target: Path) -> Path:
    """Write the columns in the order and types of the schema, atomically.

    UserError where the folder cannot take the file; nothing is left behind.
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

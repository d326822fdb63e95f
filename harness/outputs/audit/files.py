"""Vectors and labels in files of others: nothing that a file holds is ever run."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.errors import UnknownNameError, UserError
from data.utf8 import read_utf8

DELIMITERS = {".csv": ",", ".tsv": "\t"}


def read_vectors(path: Path, key: str | None = None) -> NDArray[Any]:
    """The table of numbers in a file, by its ending; `.npy` stays on the disk until it is used.

    Parameters
    ----------
    path : `.npy`, `.npz`, `.safetensors`, or `.parquet` with a column of lists.
    key : the array, tensor or column; may be left out where there is one.

    Raises
    ------
    UserError : the file cannot be read, holds pickled objects, or several arrays and no key.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise UserError(f"{path.name} ends in none of {', '.join(_READERS)}; convert it to one")
    if not path.is_file():
        raise UserError(f"there is no file {path}; check the path")
    if path.stat().st_size == 0:
        raise UserError(f"{path.name} is empty; write the vectors again")
    try:
        found: NDArray[Any] = reader(path, key)
        return found
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        if "allow_pickle" in str(error) or "Python objects" in str(error):
            said = "it holds pickled objects, which are never loaded; save an array of numbers"
        else:
            said = f"{' '.join(str(error).split())[:200]}; write the vectors again"
        raise UserError(f"cannot read {path.name}: {said}") from None


def read_labels(path: Path, columns: Sequence[str]) -> dict[str, list[Any]]:
    """Columns of a CSV, TSV or Parquet file, by their names.

    Raises
    ------
    UserError : the file cannot be read, has no rows, or lacks a column.
    """
    ending = path.suffix.lower()
    if ending not in (*DELIMITERS, ".parquet"):
        raise UserError(f"{path.name} ends in none of .csv, .tsv, .parquet; convert it to one")
    if not path.is_file():
        raise UserError(f"there is no file {path}; check the path")
    found = _parquet_columns(path, columns) if ending == ".parquet" else _csv_columns(path, columns)
    if not len(found[columns[0]]):
        raise UserError(f"{path.name} has no rows; give the labels of the vectors")
    return found


def _csv_columns(path: Path, columns: Sequence[str]) -> dict[str, list[Any]]:
    text = io.StringIO(read_utf8(path), newline="")
    reader = csv.reader(text, delimiter=DELIMITERS[path.suffix.lower()], strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        rows = [row for row in reader if row]
    except csv.Error as error:
        raise UserError(f"{path.name}: line {reader.line_num} is not valid ({error})") from None
    _require(path, columns, header)
    for number, row in enumerate(rows):
        if len(row) != len(header):
            raise UserError(
                f"{path.name}: row {number + 1} has {len(row)} fields and the header "
                f"{len(header)}; quote values that hold the delimiter"
            )
    return {name: [row[header.index(name)].strip() for row in rows] for name in columns}


def _parquet_columns(path: Path, columns: Sequence[str]) -> dict[str, list[Any]]:
    from pyarrow import ArrowException, parquet

    try:
        _require(path, columns, parquet.read_schema(path).names)
        table = parquet.read_table(path, columns=list(columns))
    except (ArrowException, OSError) as error:
        raise UserError(f"cannot read {path.name}: {' '.join(str(error).split())[:200]}") from None
    return {name: table[name].to_pylist() for name in columns}


def _require(path: Path, columns: Sequence[str], known: Sequence[str]) -> None:
    for column in columns:
        if column not in known:
            raise UnknownNameError(f"column of {path.name}", column, known)


def _npy(path: Path, key: str | None) -> NDArray[Any]:
    found: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    return found


def _npz(path: Path, key: str | None) -> NDArray[Any]:
    with np.load(path, allow_pickle=False) as held:
        found: NDArray[Any] = held[_only(path, key, held.files, "array")]
    return found


def _safetensors(path: Path, key: str | None) -> NDArray[Any]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as held:
            tensor = held.get_tensor(_only(path, key, list(held.keys()), "tensor"))
    except SafetensorError as error:
        raise ValueError(str(error)) from None
    # numpy has no bfloat16.
    found: NDArray[Any] = (tensor.float() if tensor.is_floating_point() else tensor).numpy()
    return found


def _parquet(path: Path, key: str | None) -> NDArray[Any]:
    import pyarrow
    from pyarrow import parquet

    schema = parquet.read_schema(path)
    if key is not None and key not in schema.names:
        raise UnknownNameError(f"column of {path.name}", key, schema.names)
    lists = [
        field.name
        for field in schema
        if pyarrow.types.is_list(field.type)
        or pyarrow.types.is_large_list(field.type)
        or pyarrow.types.is_fixed_size_list(field.type)
    ]
    name = key if key is not None else _only(path, None, lists, "column of lists")
    if name not in lists:
        raise UserError(f"{path.name}: the column {name!r} holds no lists of numbers")
    column = parquet.read_table(path, columns=[name])[name].combine_chunks()
    rows, numbers = len(column), column.flatten()
    if column.null_count or numbers.null_count:
        raise UserError(f"{path.name}: the column {name!r} has missing values; leave such rows out")
    lengths = np.unique(pyarrow.compute.list_value_length(column).to_numpy(zero_copy_only=False))
    if len(lengths) > 1:
        raise UserError(
            f"{path.name}: the lists of {name!r} have {lengths[0]} to {lengths[-1]} numbers; all "
            "vectors must be equally long"
        )
    found: NDArray[Any] = numbers.to_numpy(zero_copy_only=False).reshape(rows, -1)
    return found


def _only(path: Path, key: str | None, names: Sequence[str], what: str) -> str:
    """The name that is meant."""
    if key is not None:
        if key not in names:
            raise UnknownNameError(f"{what} of {path.name}", key, names)
        return key
    if len(names) != 1:
        said = f"has {len(names)}: {', '.join(names)}" if names else "has none"
        raise UserError(f"{path.name} must hold one {what} and {said}; name one with --key")
    return names[0]


_READERS: Mapping[str, Any] = {
    ".npy": _npy,
    ".npz": _npz,
    ".parquet": _parquet,
    ".safetensors": _safetensors,
}

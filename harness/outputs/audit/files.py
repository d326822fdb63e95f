"""Vectors and labels in files of others: nothing that a file holds is ever run."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.corpora.tables import text_columns
from data.errors import UnknownNameError, UserError


def read_vectors(path: Path, key: str | None = None) -> NDArray[Any]:
    """The table of numbers in a file, by its ending; `.npy` stays on the disk until it is used.

    UserError where the file cannot be read, holds pickled objects, or several arrays and no key.

    Parameters
    ----------
    path : `.npy`, `.npz`, `.safetensors`, or `.parquet` with a column of lists.
    key : the array, tensor or column; may be left out where there is one.
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


def read_labels(path: Path, columns: Sequence[str]) -> dict[str, list[str | None]]:
    """Columns of a table as text, by their names; None where a value is missing.

    UserError where the file cannot be read, has no rows, or lacks a column; see
    `data.corpora.tables`.
    """
    if not path.is_file():
        raise UserError(f"there is no file {path}; check the path")
    return {
        name: [value or None for value in values]
        for name, values in text_columns(path, columns).items()
    }


def _npy(path: Path, key: str | None) -> Any:
    return np.load(path, mmap_mode="r", allow_pickle=False)


def _npz(path: Path, key: str | None) -> Any:
    with np.load(path, allow_pickle=False) as held:
        return held[_only(path, key, held.files, "array")]


def _safetensors(path: Path, key: str | None) -> Any:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as held:
            tensor = held.get_tensor(_only(path, key, list(held.keys()), "tensor"))
    except SafetensorError as error:
        raise ValueError(str(error)) from None
    # numpy has no bfloat16.
    return (tensor.float() if tensor.is_floating_point() else tensor).numpy()


def _parquet(path: Path, key: str | None) -> Any:
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
    return numbers.to_numpy(zero_copy_only=False).reshape(rows, -1)


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

"""Columns of a user's file as text, whatever its format: nothing that a file holds is ever run."""

import csv
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from data.corpora.source import require_columns
from data.errors import UserError
from data.utf8 import read_utf8

DELIMITERS = {".csv": ",", ".tsv": "\t"}

Columns = dict[str, list[str]]
"""Name to the values of all rows, in their order."""


def text_columns(file: Path, wanted: Sequence[str]) -> Columns:
    """These columns of a file, each value as text less surrounding white space.

    Text is taken as written and a missing value is empty. Numbers read as Python writes them, yes
    and no as `true` and `false`, and codes of classes that a file of the `datasets` library names
    as those names: the same rows give the same text in every format.

    `file`: ends in one of `ENDINGS`; text in UTF-8, tables with a header. UserError where the file
    cannot be read, has no rows, lacks a column or has it twice, or a value is a list or an object.
    """
    reader = _READERS.get(file.suffix.lower())
    if reader is None:
        raise UserError(f"{file.name} ends in none of {', '.join(ENDINGS)}; rename or convert it")
    columns = reader(file, wanted)
    if not columns[wanted[0]]:
        raise UserError(f"{file.name} has no rows; give a table with rows below its header")
    return columns


def _check_header(file: Path, wanted: Sequence[str], header: Sequence[str]) -> None:
    require_columns(wanted, header, file.name)
    repeated = [column for column in wanted if header.count(column) > 1]
    if repeated:
        raise UserError(f"{file.name} has two columns named {repeated[0]!r}; rename one")


def _delimited(file: Path, wanted: Sequence[str]) -> Columns:
    columns: Columns = {name: [] for name in wanted}
    begun = rows = 0
    with _lines(file) as lines, _fields_of_any_length():
        reader = csv.reader(lines, delimiter=DELIMITERS[file.suffix.lower()], strict=True)
        try:
            header = [name.strip() for name in next(reader, [])]
            if header:
                _check_header(file, wanted, header)
            places = [(columns[name], header.index(name)) for name in wanted if header]
            begun = reader.line_num + 1
            for row in reader:
                begun = reader.line_num + 1
                # The csv module gives an empty list for an empty line.
                if not row:
                    continue
                rows += 1
                if len(row) != len(header):
                    raise UserError(
                        f"{file.name}: row {rows} has {len(row)} fields and the header "
                        f"{len(header)}; quote texts that hold the delimiter"
                    )
                for values, place in places:
                    values.append(row[place].strip())
        except csv.Error as error:
            ended = reader.line_num
            where = f"line {ended} is" if begun >= ended else f"lines {begun} to {ended} are"
            raise UserError(
                f"{file.name}: {where} not valid {file.suffix[1:]} ({error}); check the quotes"
            ) from None
    return columns


@contextmanager
def _fields_of_any_length() -> Iterator[None]:
    """Within it the csv module takes texts of more than its 131,072 characters."""
    before = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(before)


@contextmanager
def _lines(file: Path) -> Iterator[Iterable[str]]:
    """The lines of a text file, read as they are needed."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            yield stream
    except (UnicodeDecodeError, OSError):
        # It fails as well, and says where.
        read_utf8(file)
        raise


def _json_lines(file: Path, wanted: Sequence[str]) -> Columns:
    columns: Columns = {name: [] for name in wanted}
    known: dict[str, None] = {}
    with _lines(file) as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                said = getattr(error, "msg", error)
                raise UserError(
                    f"{file.name}: line {number} is not valid JSON ({said}); write one object a "
                    "line"
                ) from None
            if not isinstance(row, dict):
                raise UserError(f"{file.name}: line {number} is no object; write one a line")
            known.update(dict.fromkeys(row))
            for name, values in columns.items():
                values.append(_as_text(row.get(name), file, name, len(values) + 1))
    if known:
        _check_header(file, wanted, list(known))
    return columns


Opened = tuple[Any, Iterable[Any]]
"""The schema of a file, and its batches of the wanted columns."""


def _opened_parquet(file: Path, wanted: Sequence[str]) -> Opened:
    from pyarrow import parquet

    table = parquet.ParquetFile(file)
    return table.schema_arrow, table.iter_batches(columns=list(wanted))


def _opened_arrow(file: Path, wanted: Sequence[str]) -> Opened:
    import pyarrow as pa

    mapped = pa.memory_map(str(file))
    try:
        stream = pa.ipc.open_stream(mapped)
        return stream.schema, (batch.select(wanted) for batch in stream)
    except pa.ArrowInvalid:
        mapped.seek(0)
        table = pa.ipc.open_file(mapped)
        batches = map(table.get_batch, range(table.num_record_batches))
        return table.schema, (batch.select(wanted) for batch in batches)


def _arrow_batches(
    opened: Callable[[Path, Sequence[str]], Opened], file: Path, wanted: Sequence[str]
) -> Columns:
    import pyarrow as pa

    columns: Columns = {name: [] for name in wanted}
    try:
        schema, batches = opened(file, wanted)
        _check_header(file, wanted, schema.names)
        classes = _named_classes(schema.metadata or {})
        for batch in batches:
            for name, values in columns.items():
                for value in batch.column(name).to_pylist():
                    # A code below 0 says that the class is not known.
                    value = classes[name].get(value) if name in classes else value
                    values.append(_as_text(value, file, name, len(values) + 1))
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UserError(f"cannot read {file.name} ({reason}); write it again") from None
    return columns


def _named_classes(metadata: Mapping[bytes, bytes]) -> dict[str, dict[object, str]]:
    """Column to code to class, where the `datasets` library has written them."""
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"].items()
        return {
            name: dict(enumerate(feature["names"]))
            for name, feature in features
            if feature.get("_type") == "ClassLabel"
        }
    except (KeyError, ValueError, AttributeError, TypeError):
        return {}


def _as_text(value: object, file: Path, column: str, row: int) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | dict | tuple | bytes):
        kind = {bytes: "bytes", dict: "an object"}.get(type(value), "a list")
        raise UserError(
            f"{file.name}: column {column!r} holds {kind} in row {row}; give each row one value"
        )
    text = str(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UserError(
            f"{file.name}: column {column!r} holds half of a character in row {row}, which no "
            "text in UTF-8 can; write the file again"
        ) from None
    return text.strip()


_READERS: Mapping[str, Callable[[Path, Sequence[str]], Columns]] = {
    **dict.fromkeys(DELIMITERS, _delimited),
    ".parquet": partial(_arrow_batches, _opened_parquet),
    ".arrow": partial(_arrow_batches, _opened_arrow),
    **dict.fromkeys((".jsonl", ".ndjson", ".json"), _json_lines),
}

ENDINGS = tuple(_READERS)
"""The formats that can be read, by what a file's name ends in."""

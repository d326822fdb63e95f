"""The same rows in every format give the same text, and what cannot be read says why."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from data.corpora.tables import text_columns
from data.errors import UserError

ROWS: list[dict[str, Any]] = [
    {"text": " one, two\u2028three ", "stars": 1, "fresh": True, "share": 1.0, "note": "NA"},
    {"text": "vier\nfünf", "stars": 12, "fresh": False, "share": 0.25, "note": None},
]
TEXTS = {
    "text": ["one, two\u2028three", "vier\nfünf"],
    "stars": ["1", "12"],
    "fresh": ["true", "false"],
    "share": ["1.0", "0.25"],
    "note": ["NA", ""],
}


def as_delimited(file: Path) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        table = csv.writer(stream, delimiter="\t" if file.suffix == ".tsv" else ",")
        table.writerow(ROWS[0])
        for row in ROWS:
            table.writerow(json.dumps(v) if isinstance(v, bool) else v for v in row.values())


def as_lines(file: Path) -> None:
    file.write_text("\n\n".join(map(json.dumps, ROWS)))


def as_parquet(file: Path) -> None:
    parquet.write_table(pa.Table.from_pylist(ROWS), file, row_group_size=1)


def as_arrow(file: Path) -> None:
    table = pa.Table.from_pylist(ROWS)
    with pa.ipc.new_file(file, table.schema) as stream:
        stream.write(table)


@pytest.mark.parametrize(
    ("ending", "write"),
    [
        ("csv", as_delimited),
        ("tsv", as_delimited),
        ("jsonl", as_lines),
        ("JSON", as_lines),
        ("ndjson", as_lines),
        ("parquet", as_parquet),
        ("arrow", as_arrow),
    ],
)
def test_all_formats_say_the_same(
    tmp_path: Path, ending: str, write: Callable[[Path], None]
) -> None:
    file = tmp_path / f"rows.{ending}"
    write(file)
    assert text_columns(file, list(TEXTS)) == TEXTS


def test_a_field_may_be_longer_than_the_csv_module_likes(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    text = "long " * 40_000
    (tmp_path / "long.csv").write_text(f"text,a\n{text},x\n")
    assert text_columns(tmp_path / "long.csv", ["text", "a"])["text"] == [text.strip()]
    assert csv.field_size_limit() == before


def test_codes_of_the_datasets_library_become_names(tmp_path: Path) -> None:
    features = {"mood": {"names": ["bad", "good"], "_type": "ClassLabel"}, "n": {"_type": "Value"}}
    about = {"huggingface": json.dumps({"info": {"features": features}})}
    table = pa.table({"mood": [1, 0, -1], "n": [1, 0, -1]}).replace_schema_metadata(about)
    parquet.write_table(table, tmp_path / "named.parquet")
    assert text_columns(tmp_path / "named.parquet", ["mood", "n"]) == {
        "mood": ["good", "bad", ""],
        "n": ["1", "0", "-1"],
    }


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "x.jsonl",
            b'{"a": 1}\n{"a": \n',
            r"line 2 is not valid JSON \(Expecting value\)",
        ),
        ("x.jsonl", b"[1]\n", "line 1 is no object; write one a line"),
        ("x.jsonl", b'{"b": 1}\n', "no column 'a'; its columns are 'b'"),
        ("x.jsonl", b"\n", "has no rows"),
        ("x.jsonl", b'{"a": {"b": 1}}\n', "column 'a' holds an object in row 1"),
        ("x.jsonl", b'{"a": "\\ud800"}\n', "holds half of a character in row 1"),
        ("x.jsonl", b'{"a": "\xff"}\n', "not UTF-8: byte 0xff at offset 7"),
        ("x.csv", b'a,b\n1,2\n"1,2\n3,4\n', r"lines 3 to 4 are not valid csv .*; check the quotes"),
        ("x.parquet", b"PAR1", "cannot read x.parquet"),
        ("x.arrow", b"nothing", "cannot read x.arrow"),
        ("x.pkl", b"", r"ends in none of \.csv, \.tsv, \.parquet, \.arrow, \.jsonl"),
    ],
)
def test_what_cannot_be_read_says_why(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=message) as caught:
        text_columns(tmp_path / name, ["a"])
    assert "\n" not in str(caught.value)


def test_lists_are_no_labels(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"a": [["x"], ["y"]]}), tmp_path / "lists.parquet")
    with pytest.raises(UserError, match="column 'a' holds a list in row 1; give each row one"):
        text_columns(tmp_path / "lists.parquet", ["a"])

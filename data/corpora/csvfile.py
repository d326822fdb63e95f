"""A user's own table: one text column and two or more label columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from data.corpora.source import require_columns
from data.corpus import Corpus
from data.errors import UserError
from data.utf8 import read_utf8

DELIMITERS = {".csv": ",", ".tsv": "\t"}


def read_csv(
    file: Path,
    text: str,
    *,
    aspects: Sequence[str],
    group: str | None = None,
    details: Sequence[str] = (),
) -> Corpus:
    """The corpus in a CSV or TSV file: UTF-8, a header, a comma or a tab by the file's ending.

    Labels are taken as written, less surrounding white space. Rows are numbered from 1 after the
    header in messages.

    Parameters
    ----------
    file : ends in `.csv` or `.tsv`.
    text : name of the column of texts.
    aspects : names of two or more columns of labels.
    group : name of a column whose equal values keep rows in one part.
    details : names of columns with more about the aspects; they alone may have blank values.

    Raises
    ------
    UserError : the file cannot be read, a column is missing or named twice, or a value is blank.
    """
    wanted = wanted_columns(text, aspects, group, details)
    header, rows = _rows(file)
    require_columns(wanted, header, file.name)
    repeated = [column for column in wanted if header.count(column) > 1]
    if repeated:
        raise UserError(f"{file.name} has two columns named {repeated[0]!r}; rename one")
    columns: dict[str, list[str]] = {}
    for column in wanted:
        place = header.index(column)
        columns[column] = [row[place].strip() for row in rows]
        if "" in columns[column] and column not in details:
            raise UserError(
                f"{file.name}: column {column!r} is blank in row "
                f"{columns[column].index('') + 1}; fill it in or remove the row"
            )
    frame = pd.DataFrame(columns, dtype="str")
    return Corpus(
        file.stem, "csv", frame, "the user's own file", f"the user's own file {file.name}"
    )


def wanted_columns(
    text: str, aspects: Sequence[str], group: str | None, details: Sequence[str] = ()
) -> list[str]:
    """The columns to read, after checking that each is named for one purpose only.

    Raises
    ------
    UserError : fewer than two aspects, or a column is named for two purposes.
    """
    if len(aspects) < 2:
        raise UserError("two or more aspects are needed; name their columns, as --aspects A B")
    for position, aspect in enumerate(aspects):
        if aspect in aspects[:position]:
            raise UserError(f"the aspect {aspect!r} is named twice; name each column once")
    if text in aspects:
        raise UserError(f"the text column {text!r} is also named as an aspect; choose another")
    if group is not None and group in (text, *aspects):
        use = "the text column" if group == text else "an aspect"
        raise UserError(f"the group column {group!r} is also {use}; choose another or leave it out")
    wanted = [text, *aspects, *([] if group is None else [group])]
    for detail in details:
        if detail in wanted:
            raise UserError(f"the detail column {detail!r} is named for two purposes; name it once")
        wanted.append(detail)
    return wanted


def _rows(file: Path) -> tuple[list[str], list[list[str]]]:
    delimiter = DELIMITERS.get(file.suffix.lower())
    if delimiter is None:
        raise UserError(f"{file.name} ends in neither .csv nor .tsv; rename or convert it")
    reader = csv.reader(io.StringIO(read_utf8(file), newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    try:
        header = next(reader, [])
        for row in reader:
            # The csv module gives an empty list for an empty line.
            if not row:
                continue
            if len(row) != len(header):
                raise UserError(
                    f"{file.name}: row {len(rows) + 1} has {len(row)} fields and the header "
                    f"{len(header)}; quote texts that hold the delimiter"
                )
            rows.append(row)
    except csv.Error as error:
        raise UserError(
            f"{file.name}: line {reader.line_num} is not valid {file.suffix[1:]} ({error})"
        ) from None
    if not rows:
        raise UserError(f"{file.name} has no rows after its header")
    return [name.strip() for name in header], rows

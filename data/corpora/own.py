"""A user's own data: one text column and two or more label columns."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from data.corpora.places import files_at
from data.corpora.tables import Columns, text_columns
from data.corpus import Corpus
from data.errors import UserError


def read_own(
    named: str,
    text: str,
    *,
    aspects: Sequence[str],
    group: str | None = None,
    details: Sequence[str] = (),
    pair: str | None = None,
) -> Corpus:
    """The corpus in a file, a folder or a dataset of the hub; see `data.corpora.places`.

    Labels are taken as written, less surrounding white space. Rows are numbered from 1 in each
    file in messages, a header left out. The corpus has the same name whatever the data are called.

    Parameters
    ----------
    named : what `data.corpora.places.files_at` takes.
    text : name of the column of texts.
    aspects : names of two or more columns of labels.
    group : name of a column whose equal values keep rows in one part.
    details : names of columns with more about the aspects; they and `pair` may have blank values.
    pair : name of a column whose equal values name the rows of a minimal pair.

    Raises
    ------
    UserError : a file cannot be read, a column is missing or named twice, or a value is blank.
    """
    blank = [*details, *([] if pair is None else [pair])]
    wanted = wanted_columns(text, aspects, group, blank)
    columns: Columns = {name: [] for name in wanted}
    for file in files_at(named):
        for name, values in text_columns(file, wanted).items():
            if name not in blank and "" in values:
                raise UserError(
                    f"{file.name}: column {name!r} is blank in row {values.index('') + 1}; fill it "
                    "in or remove the row"
                )
            columns[name] += values
    frame = pd.DataFrame(columns, dtype="str")
    return Corpus("own", "own", frame, "the user's own data", f"the user's own data {named}")


def wanted_columns(
    text: str, aspects: Sequence[str], group: str | None, details: Sequence[str] = ()
) -> list[str]:
    """The columns to read, after checking that each is named for one purpose only.

    UserError where there are fewer than two, or a column is named for two purposes.
    """
    if len(aspects) < 2:
        raise UserError("two or more aspects are needed; name their columns, as --aspects A B")
    wanted = [text, *aspects, *([] if group is None else [group]), *details]
    for place, column in enumerate(wanted):
        if column in wanted[:place]:
            raise UserError(
                f"the column {column!r} is named for two purposes; name it once, as the text, an "
                "aspect, the group, a detail or the pair"
            )
    return wanted

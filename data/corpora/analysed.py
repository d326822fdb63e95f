"""What corpora of analysed sentences share: columns that hold one entry a word."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from data.errors import UserError

WORD_COLUMNS = ("tokens", "xpos", "head", "deprel")


def with_tuples(frame: pd.DataFrame) -> pd.DataFrame:
    """Word columns as tuples, so that equal rows have equal content hashes; others as they are."""
    changed = {
        name: pd.Series([_as_tuple(row) for row in frame[name]], frame.index, object)
        for name in WORD_COLUMNS
        if name in frame and frame[name].map(pd.api.types.is_list_like).all()
    }
    return frame.assign(**changed)


def check_lengths(frame: pd.DataFrame, where: str) -> None:
    """Refuse a row whose word columns differ in length, or that has no word.

    Raises
    ------
    UserError : names the first such row, counted from 1.
    """
    lengths = pd.DataFrame({name: frame[name].map(len) for name in WORD_COLUMNS})
    wrong = (lengths.nunique(axis=1) != 1) | (lengths["tokens"] == 0)
    if wrong.any():
        raise UserError(
            f"{where}: the columns {', '.join(WORD_COLUMNS)} must hold one entry for each word, "
            f"and do not in row {int(wrong.to_numpy().argmax()) + 1}; download or write it again"
        )


def _as_tuple(row: Any) -> tuple[object, ...]:
    # Parquet gives arrays, whose numbers would tell a local corpus from an equal generated one.
    return tuple(row.tolist() if isinstance(row, np.ndarray) else row)

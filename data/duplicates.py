"""Texts that occur more than once, which would let a probe or a method memorise rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.rows import Rows


def text_key(text: str) -> str:
    """The text less its case and its white space: equal keys make two texts duplicates."""
    return " ".join(text.casefold().split())


def first_occurrences(rows: Rows) -> NDArray[np.bool_]:
    """bool [n]: true for the rows to keep.

    Of the rows with one key the first is kept, or none where their cells differ, for then no label
    can be trusted.
    """
    keys = [text_key(text) for text in rows.texts]
    cells = rows.cells.tolist()
    first: dict[str, int] = {}
    conflicting: set[str] = set()
    for position, key in enumerate(keys):
        seen = first.setdefault(key, position)
        if cells[seen] != cells[position]:
            conflicting.add(key)
    keep = np.zeros(len(rows), dtype=np.bool_)
    keep[[position for key, position in first.items() if key not in conflicting]] = True
    return keep

"""Texts that occur more than once, which would let a probe or a method memorise rows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.rows import Rows


@dataclass(frozen=True)
class Distinct:
    """Which rows stay when every text is to stand once, and why the others do not.

    Attributes
    ----------
    keep : bool [n]: the first row of each text, or none where the cells of its rows differ, for
        then no label can be trusted.
    conflicting : bool [n]: rows left out because their text has other labels elsewhere; what is
        neither kept nor conflicting repeats a row that is kept.
    """

    keep: NDArray[np.bool_]
    conflicting: NDArray[np.bool_]

    def said(self, among: NDArray[np.bool_] | slice = slice(None)) -> str:
        """What was left out of some rows and why, in brackets; empty where nothing was."""
        conflicting = int(self.conflicting[among].sum())
        repeated = int((~self.keep[among]).sum()) - conflicting
        reasons = [
            f"{count:,} {reason}"
            for count, reason in (
                (repeated, "repeat the text of another row"),
                (conflicting, "have a text that other rows label differently"),
            )
            if count
        ]
        if not reasons:
            return ""
        count = len(self.keep[among])
        return f" (of {count:,} rows {' and '.join(reasons)}, and are left out)"


def text_key(text: str) -> str:
    """The text less its case and its white space: equal keys make two texts duplicates."""
    return " ".join(text.casefold().split())


def distinct(rows: Rows) -> Distinct:
    """The first row of each text, and why others are left out."""
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
    return Distinct(keep, np.array([key in conflicting for key in keys], dtype=np.bool_))

"""Detail columns of a user's own table: which aspect they belong to, and their values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from data.errors import UserError
from data.rows import Detail

MOST_CATEGORIES = 20


def column_of(named: str, aspects: Sequence[str]) -> str:
    """The column in `rating` or `sentiment:rating`."""
    return _parted(named, aspects)[1]


def details_of(
    frame: pd.DataFrame, named: Sequence[str], aspects: Sequence[str]
) -> Mapping[str, Detail]:
    """What the columns say beyond the classes.

    A column of numbers is a grade, one of two categories a yes or no, and one of more categories a
    yes or no for each; blanks are not known.

    Parameters
    ----------
    frame : with the columns as text, and the aspects' columns.
    named : columns, each alone where it refines one aspect (every value stands in one class of it,
        as a rating from 1 to 10 does in a sentiment), or as `aspect:column`.

    Raises
    ------
    UserError : a column alone refines no aspect or several, or has too many categories.
    """
    found: dict[str, Detail] = {}
    for name in named:
        aspect, column = _parted(name, aspects)
        values = frame[column].where(frame[column] != "")
        if aspect is None:
            known = values.notna()
            classes = {a: frame[a][known].groupby(values[known]).nunique() for a in aspects}
            refined = [a for a in aspects if (classes[a] == 1).all()]
            if len(refined) != 1:
                raise UserError(
                    f"the detail column {column!r} refines {' and '.join(refined) or 'no aspect'}; "
                    f"say which aspect it belongs to, as --details {aspects[0]}:{column}"
                )
            (aspect,) = refined
        found |= {key: Detail(aspect, held) for key, held in _columns(column, values).items()}
    return found


def _columns(name: str, values: pd.Series[str]) -> dict[str, np.ndarray]:
    texts = [text if isinstance(text, str) else None for text in values]
    grades = [_number(text) for text in texts]
    if all(grade is not None or text is None for grade, text in zip(grades, texts, strict=True)):
        return {name: np.array([math.nan if g is None else g for g in grades])}
    categories = sorted({text for text in texts if text is not None})
    if len(categories) > MOST_CATEGORIES:
        raise UserError(
            f"the detail column {name!r} has {len(categories)} different values that are no "
            f"numbers; give one with numbers, or with at most {MOST_CATEGORIES} categories"
        )
    one = len(categories) == 2
    return {
        name if one else f"{name}={category}": np.array(
            [math.nan if text is None else float(text == category) for text in texts]
        )
        for category in (categories[1:] if one else categories)
    }


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _parted(named: str, aspects: Sequence[str]) -> tuple[str | None, str]:
    aspect, _, column = named.partition(":")
    return (aspect, column) if column and aspect in aspects else (None, named)

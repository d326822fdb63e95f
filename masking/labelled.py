"""A user's texts and labels, checked and split into training and validation rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from data.errors import UserError
from data.rows import Aspect, IntArray, Rows


@dataclass(frozen=True)
class Parts:
    """Training rows, validation rows (None where there are too few), and the classes found."""

    train: Rows
    valid: Rows | None
    classes: Mapping[str, tuple[Any, ...]]


def parts_of(
    texts: tuple[str, ...],
    labels: Mapping[str, ArrayLike],
    *,
    groups: ArrayLike | None,
    valid_share: float,
    seed: int,
) -> Parts:
    """Rows for training and for choosing the step that is kept.

    Parameters
    ----------
    texts : n texts.
    labels : aspect to n labels.
    groups : n values that keep rows together, or None where every text stands alone.
    valid_share : from 0 to .5.

    Raises
    ------
    UserError : see `masking.estimator.MaskedEncoder.fit`.
    """
    if len(labels) < 2:
        raise UserError(
            f"masks tell aspects apart, so two or more are needed, not {len(labels)}; "
            'give y={"one": labels, "other": labels}'
        )
    if not 0 <= valid_share <= 0.5:
        raise UserError(f"valid_share is {valid_share}; it must be from 0 to .5")
    codes: dict[str, IntArray] = {}
    classes: dict[str, tuple[Any, ...]] = {}
    for name, values in labels.items():
        codes[name], classes[name] = _coded(name, values, len(texts))
    rows = Rows(
        ids=tuple(map(str, range(len(texts)))),
        texts=texts,
        labels=codes,
        groups=_grouped(groups, len(texts)),
        aspects=tuple(Aspect(name, tuple(map(str, found))) for name, found in classes.items()),
    )
    _check_separable(rows)
    held_out = _held_out(rows, valid_share, seed)
    if held_out is None:
        return Parts(rows, None, classes)
    kept = np.setdiff1d(np.arange(len(rows)), held_out)
    return Parts(rows.take(kept), rows.take(held_out), classes)


def _coded(name: str, values: ArrayLike, count: int) -> tuple[IntArray, tuple[Any, ...]]:
    found, codes = np.unique(_column(repr(name), values, count), return_inverse=True)
    if len(found) < 2:
        raise UserError(f"{name!r} has one class only, {found[0]!r}; give texts of two or more")
    return codes.astype(np.int64), tuple(found.tolist())


def _grouped(groups: ArrayLike | None, count: int) -> IntArray:
    if groups is None:
        return np.arange(count, dtype=np.int64)
    return np.unique(_column("groups", groups, count), return_inverse=True)[1].astype(np.int64)


def _column(name: str, values: ArrayLike, count: int) -> NDArray[Any]:
    column = np.asarray(values)
    if column.shape != (count,):
        raise UserError(f"{name} has shape {column.shape} for {count} texts; give one value a text")
    # Among texts a number that is missing has become the text "nan".
    missing = np.flatnonzero(pd.isna(np.asarray(values, dtype=object)))
    if len(missing):
        raise UserError(f"{name} has no value for text {missing[0]}; leave such texts out")
    return column


def _check_separable(rows: Rows) -> None:
    """Every aspect must differ somewhere between rows that agree in another one."""
    for aspect in rows.aspects:
        for other in rows.aspects:
            if aspect is other:
                continue
            pairs = {*zip(rows.labels[other.name], rows.labels[aspect.name], strict=True)}
            if len(pairs) == len({first for first, _ in pairs}):
                raise UserError(
                    f"{aspect.name!r} follows from {other.name!r} in every text, so nothing can "
                    "tell them apart; give texts of further combinations"
                )


def _held_out(rows: Rows, share: float, seed: int) -> NDArray[np.int64] | None:
    """Positions of validation rows: of every cell its share, in whole groups."""
    from sklearn.model_selection import StratifiedGroupKFold

    folds = round(1 / share) if share else 0
    if folds < 2 or len(np.unique(rows.groups)) < folds:
        return None
    if np.bincount(rows.cells)[np.unique(rows.cells)].min() < folds:
        # A cell would be missing on one side.
        return None
    splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    kept, held_out = next(iter(splitter.split(np.zeros(len(rows)), rows.cells, rows.groups)))
    if len(np.unique(rows.cells[kept])) < len(np.unique(rows.cells)):
        return None
    return np.asarray(held_out, dtype=np.int64)

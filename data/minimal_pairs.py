"""Minimal pairs from texts that name what they are versions of."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.duplicates import text_key
from data.errors import UserError
from data.quotas import Sizes, balanced_correlation, cell_quota
from data.rows import Aspect, IntArray, Pairs, Rows

MOST = 500
"""Pairs that are taken of a real corpus: more of them would take films from training."""

STRONGEST = 0.95
"""The correlation up to which training has all that it needs beside them."""

SLACK = 1.1
"""Times what training needs that is left to it: duplicates and large groups go to waste."""


def pairs_of(rows: Rows, names: Sequence[str]) -> Pairs:
    """The first row of each name with every further row of that name.

    Which aspect is flipped follows from the labels.

    Parameters
    ----------
    rows : m texts.
    names : m names; equal ones are versions of one text.

    Raises
    ------
    UserError : a name stands once, or a further row has another group or the text of the first, or
        differs from it in no aspect or in several.
    """
    counts = Counter(names)
    for name, count in counts.items():
        if count < 2:
            raise UserError(f"the pair {name!r} has one row; name it in two, or in none")
    codes = np.stack([rows.labels[aspect.name] for aspect in rows.aspects])
    origins: dict[str, int] = {}
    found = []
    for second, name in enumerate(names):
        first = origins.setdefault(name, second)
        if first == second:
            continue
        flipped = np.flatnonzero(codes[:, first] != codes[:, second]).tolist()
        if len(flipped) != 1:
            differing = " and ".join(rows.aspects[place].name for place in flipped) or "no aspect"
            raise UserError(
                f"the rows of the pair {name!r} differ in {differing}; they must differ in one "
                "aspect alone"
            )
        if text_key(rows.texts[first]) == text_key(rows.texts[second]):
            raise UserError(f"the rows of the pair {name!r} have one text; give two, or no pair")
        if rows.groups[first] != rows.groups[second]:
            raise UserError(f"the rows of the pair {name!r} are of two groups; give both the same")
        found.append((first, second, flipped[0]))
    return Pairs(rows, *np.array(found, dtype=np.int64).reshape(-1, 3).T)


def pairs_in(frame: pd.DataFrame, aspects: tuple[Aspect, ...], groups: IntArray) -> Pairs:
    """Those of a frame with the columns `pair` and `text`, and one of classes for each aspect.

    UserError as `pairs_of`; `groups` is int64 [rows of the frame].
    """
    names = [str(pair) for pair in frame["pair"]]
    labels = {aspect.name: aspect.codes(frame[aspect.name]) for aspect in aspects}
    ids = tuple(f"pair-{name}-{place}" for place, name in enumerate(names))
    return pairs_of(Rows(ids, tuple(frame["text"]), labels, groups, aspects), names)


def spared(pairs: Pairs, rows: Rows, training: NDArray[np.bool_], sizes: Sizes) -> Pairs:
    """The pairs of groups that training can do without, at every correlation.

    Groups with the fewest rows to train on for a pair come first, up to `MOST` pairs. The choice
    hangs on no seed and no correlation: every draw has the same pairs.

    `rows`, `training`: n rows, and bool [n], which may be trained on. `sizes`: of a draw.
    """
    total = (sizes.train or 0) + (sizes.valid or 0)
    shape = [len(aspect.classes) for aspect in rows.aspects]
    least = balanced_correlation(shape)
    needed = np.max([cell_quota(shape, total, rho) for rho in (least, STRONGEST)], axis=0)
    names, of_pair, counts = np.unique(pairs.groups, return_inverse=True, return_counts=True)
    lost = np.zeros((len(names), len(rows.cell_names)), dtype=np.int64)
    shared = np.flatnonzero(training & np.isin(rows.groups, names))
    np.add.at(lost, (np.searchsorted(names, rows.groups[shared]), rows.cells[shared]), 1)
    there = np.bincount(rows.cells[training], minlength=len(rows.cell_names))
    spare, left = there - np.ceil(SLACK * needed), MOST
    taken = np.zeros(len(names), dtype=np.bool_)
    for group in np.argsort(lost.sum(axis=1) / counts, kind="stable"):
        if counts[group] <= left and (lost[group] <= spare).all():
            taken[group] = True
            spare, left = spare - lost[group], left - counts[group]
    return pairs.take(np.flatnonzero(taken[of_pair]))


def held_by(pairs: Pairs | None, rows: Rows) -> NDArray[np.bool_]:
    """bool [n]: rows of a group that stands in a pair, or that has a text of one.

    A method that learned from them would know the pairs, and so would a probe.
    """
    if pairs is None:
        return np.zeros(len(rows), dtype=np.bool_)
    texts = {text_key(text) for text in pairs.rows.texts}
    same = [place for place, text in enumerate(rows.texts) if text_key(text) in texts]
    return np.isin(rows.groups, [*pairs.groups, *rows.groups[same]])

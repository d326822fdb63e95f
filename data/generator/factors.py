"""What the generated corpora share: their factors of two classes, label noise, bad requests."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd

from data.errors import UserError
from data.generator.grammar import Draws

Factors = Mapping[str, tuple[str, str]]

LABEL_NOISE = 0.04
"""Share of texts written for the other class than their label's, for each factor by itself."""


def other(factors: Factors, factor: str, value: str) -> str:
    """The other class of a factor."""
    first, second = factors[factor]
    return second if value == first else first


def written_for(label: Mapping[str, str], factors: Factors, draws: Draws) -> dict[str, str]:
    """The classes a text of this label is written for: the label's, but for the noise."""
    return {
        factor: other(factors, factor, value) if draws.uniform() < LABEL_NOISE else value
        for factor, value in label.items()
    }


def minimal_pairs(
    per_cell: int, factors: Factors, write: Callable[[dict[str, str]], Sequence[str]]
) -> pd.DataFrame:
    """Texts of all cells in turns, and each again with one factor flipped.

    Parameters
    ----------
    per_cell : texts in each cell before any is flipped.
    write : the text of the given classes, and then that text with each factor flipped alone; asked
        again where one of them has been seen.

    Returns
    -------
    Columns `pair` (the number of the text, equal for all its versions), the factors, and `text`; no
    two texts are equal.
    """
    cells = list(product(*factors.values()))
    rows: list[dict[str, object]] = []
    seen: set[str] = set()
    for number in range(per_cell * len(cells)):
        classes = dict(zip(factors, cells[number % len(cells)], strict=True))
        versions = [classes]
        versions += [{**classes, name: other(factors, name, classes[name])} for name in factors]
        texts = write(classes)
        while len(seen.union(texts)) < len(seen) + len(versions):
            texts = write(classes)
        seen.update(texts)
        for version, text in zip(versions, texts, strict=True):
            rows.append({"pair": number, **version, "text": text})
    return pd.DataFrame(rows)


def generator_for(rows_per_cell: int, seed: int, corpus: int) -> np.random.Generator:
    """The random generator of a corpus; `corpus` numbers its stream, which unlike ones may share.

    UserError where `rows_per_cell` is below 1 or `seed` below 0.
    """
    if rows_per_cell < 1:
        raise UserError(f"rows_per_cell is {rows_per_cell}; ask for 1 row a cell or more")
    if seed < 0:
        raise UserError(f"seed is {seed}; give a seed of 0 or more")
    return np.random.default_rng([seed, corpus])

"""Representations of which every metric of the suite must give a known value.

The encoder's vectors are standard normal in `WIDTH` units within each cell of two aspects, and the
cells differ in their means. A new metric takes part with one more entry in a table of expected
values, as in `tests/harness/evaluation/test_retention.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from toys import make_rows

from data.rows import Detail, IntArray, Rows

WIDTH = 24
DIRECTIONS = 6
PER_CELL = 300

Vectors = np.ndarray
Known = Callable[[Vectors, IntArray], Vectors]


def orthogonal(width: int = WIDTH) -> Vectors:
    return np.linalg.qr(np.random.default_rng(1).normal(size=(width, width)))[0]


def _mixed(x: Vectors, columns: int) -> Vectors:
    return x @ orthogonal(x.shape[1])[:, :columns]


KNOWN: Mapping[str, Known] = {
    "perfect": lambda x, labels: x,
    "rotated": lambda x, labels: _mixed(x, x.shape[1]),
    "shifted": lambda x, labels: 3 * x + 5,
    "duplicated": lambda x, labels: np.hstack([x, x]),
    "random": lambda x, labels: np.random.default_rng(2).normal(size=x.shape),
    "directions": lambda x, labels: _mixed(x, DIRECTIONS),
    "rank one": lambda x, labels: _mixed(x, 1) @ np.random.default_rng(3).normal(size=(1, WIDTH)),
    "constant": lambda x, labels: np.full_like(x, 0.1),
    "labels": lambda x, labels: np.eye(2)[labels] * 0.3,
}
"""Name to the representation that it makes of vectors [n, width] and labels [n]."""


def made(name: str, x: Vectors, labels: IntArray) -> Vectors:
    """float32, as methods give it."""
    return np.asarray(KNOWN[name](x, labels), dtype=np.float32)


def encoder_rows() -> tuple[Rows, Vectors]:
    """1,200 rows in four cells, two to a group, and the encoder's vectors, float32 [n, width].

    The detail `shade` of the aspect `colour` is the third unit.
    """
    rows = make_rows(PER_CELL)
    x = np.random.default_rng(0).normal(size=(len(rows), WIDTH))
    shade = x[:, 2].copy()
    x[:, 0] += rows.labels["colour"]
    x[:, 1] += rows.labels["animal"]
    return replace(rows, details={"shade": Detail("colour", shade)}), x.astype(np.float32)

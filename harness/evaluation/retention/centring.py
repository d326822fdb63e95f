"""Vectors less their mean, with rounding told apart from variation."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.rows import IntArray

Floats = NDArray[np.float64]
Vectors = NDArray[np.floating[Any]]

ROUNDING = float(np.finfo(np.float32).eps)
"""Representations are float32: a unit that varies by less than this share of it is constant."""


def centred(vectors: Vectors, cells: IntArray | None = None) -> Floats:
    """float64 [n, width]: the vectors less the mean of all rows, or of the rows of their cell.

    A unit that varies by no more than the rounding of float32 becomes zeros.
    """
    found = np.array(vectors, dtype=np.float64)
    largest = np.abs(found).max(axis=0, initial=0.0)
    codes = np.zeros(len(found), dtype=np.int64) if cells is None else cells
    for cell in np.unique(codes):
        found[codes == cell] -= found[codes == cell].mean(axis=0)
    deviation = np.sqrt(np.einsum("ij,ij->j", found, found) / max(len(found), 1))
    found[:, deviation <= ROUNDING * largest] = 0.0
    return found

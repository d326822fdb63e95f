"""How well the cosine of two sentences follows what people say of their likeness."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Floats = NDArray[np.float64]
Features = NDArray[np.float32]


def unit(vectors: Features) -> Features:
    """float32 [n, width]: the rows with length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def cosines(first: Features, second: Features) -> Floats:
    """float64 [n]: the cosine of each row of one with the same row of the other."""
    return np.asarray(np.einsum("ij,ij->i", unit(first), unit(second), dtype=np.float64))


def pearson(first: Floats, second: Floats) -> float:
    """Pearson's correlation of two columns; 0 where one of them does not vary."""
    a, b = first - first.mean(), second - second.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / scale if scale > 0 else 0.0


def spearman(first: Floats, second: Floats) -> float:
    """Pearson's correlation of the ranks; equal values share the mean of their ranks."""
    return pearson(rankdata(first), rankdata(second))

"""Which rows several methods have correct, as packed bits: moments of them are counts of bits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from harness.analysis.p_value_bounds import Moments
from harness.analysis.statistics import FloatArray

Words = NDArray[np.uint64]


def words_of(packed: Sequence[bytes], rows: Sequence[int]) -> Words:
    """uint64 [seeds, words] from the packed bits of each seed, zeros behind its last row."""
    size = 8 * (max(map(len, packed), default=0) // 8 + 1)
    whole = b"".join(bits.ljust(size, b"\0") for bits in packed)
    words = np.frombuffer(whole, dtype=np.uint64).reshape(len(packed), size // 8)
    return words & _kept(tuple(rows), size)


@lru_cache(maxsize=64)
def _kept(rows: tuple[int, ...], size: int) -> Words:
    """uint64 [seeds, words]: ones for the rows that there are."""
    return np.packbits(np.arange(8 * size) < np.array(rows)[:, None], axis=1).view(np.uint64)


@dataclass(frozen=True, eq=False)
class RowBits:
    """A weighted sum of what keys say of each row, for methods with the same rows.

    Attributes
    ----------
    words : uint64 [methods, keys, seeds, words], the rows as packed bits.
    rows : int [seeds].
    weights : float [keys].
    """

    words: Words
    rows: NDArray[np.int64]
    weights: FloatArray

    def against(self, level: float) -> Moments:
        """Of each method's rows less a level."""
        means, squares = self._means(), self._products(self.words, self.words)
        reach = np.full(len(means), np.abs(self.weights).sum())
        return Moments(means - level, np.maximum(squares - means**2, 0.0), reach, self.rows)

    def differences(self, first: int) -> Moments:
        """Of one method's rows less each one's."""
        means, squares = self._means(), self._products(self.words, self.words)
        crossed = self._products(self.words[first], self.words)
        apart = means[first] - means
        variances = squares[first] + squares - 2 * crossed - apart**2
        reach = np.abs(self.weights).sum() + np.abs(apart).max(axis=1)
        return Moments(apart, np.maximum(variances, 0.0), reach, self.rows)

    def _means(self) -> FloatArray:
        counts = np.bitwise_count(self.words).sum(axis=-1, dtype=np.int64)
        return np.asarray(np.einsum("i,mis->ms", self.weights, counts) / self.rows)

    def _products(self, first: Words, second: Words) -> FloatArray:
        """float [methods, seeds]: mean over rows of the product of two weighted sums."""
        both = np.bitwise_count(first[..., :, None, :, :] & second[:, None])
        counts = both.sum(axis=-1, dtype=np.int64)
        weighed = np.einsum("i,mijs,j->ms", self.weights, counts, self.weights)
        return np.asarray(weighed / self.rows)

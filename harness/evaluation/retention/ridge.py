"""Cross-fitted ridge regression with cell means as known, all penalties from one decomposition."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from data.rows import IntArray
from harness.evaluation.retention.centring import Floats, Vectors, centred

PENALTIES = 10.0 ** np.arange(6)
"""1 ... 100,000, on the sum of squares of standardised units."""

DEAD = 1e-6
"""A unit whose deviation is below this share of the median is left out before standardising."""


@dataclass(frozen=True)
class _Fit:
    """Standardised units [width] of the rows of the folds `kept`, in their eigenbasis."""

    kept: tuple[int, ...]
    basis: Floats
    eigenvalues: Floats
    means: Floats


class CrossRidge:
    """Linear maps from a representation, each scored on the fold that it was not fitted on.

    Both sides are taken less the cell means of the fitting rows, so that what labels tell earns
    nothing (Frisch, Waugh and Lovell: the same as unpenalised indicators of the cells). Units are
    standardised by their deviation within cells. The penalty of each outer fold is the one with
    the least squared error over the other folds, each left out in turn: folds are disjoint in
    groups, so inner ones are. The sums of a fold are made once, and one decomposition serves all
    penalties and all targets.

    Parameters
    ----------
    vectors : [n, width].
    cells : int64 [n], numbered from 0; zeros take off the mean of all fitting rows.
    folds : int64 [n], the fold of each row, numbered from 0, three or more of them.
    """

    def __init__(self, vectors: Vectors, cells: IntArray, folds: IntArray) -> None:
        self._cells = cells
        self._rows = [np.flatnonzero(folds == fold) for fold in range(int(folds.max()) + 1)]
        # What all rows of a cell share makes no difference; without it sums lose no digits.
        x = self._vectors = centred(vectors, cells)
        sums = self._sums(x)
        scatters = [x[rows].T @ x[rows] for rows in self._rows]
        every = range(len(self._rows))
        self._outer = [self._fit((k,), sums, scatters) for k in every]
        self._inner = {out: self._fit(out, sums, scatters) for out in combinations(every, 2)}
        self._grams = {
            (out, k): self._gram(fit, k) for out, fit in self._inner.items() for k in out
        }

    def maps(self, targets: Vectors) -> Iterator[tuple[IntArray, Floats, Floats]]:
        """Of each fold its rows, and what the map fitted on the other rows says of all rows.

        The latter are float64 [n, t]: the targets less the cell means of the fitting rows, and the
        prediction of that. One penalty is chosen for all targets together.
        """
        y = centred(targets, self._cells)
        sums = self._sums(y)
        cross = [self._vectors[rows].T @ y[rows] for rows in self._rows]
        inner = {out: self._solved(fit, sums, cross) for out, fit in self._inner.items()}
        for k, fit in enumerate(self._outer):
            errors = np.zeros(len(PENALTIES))
            for out, (means, weights) in inner.items():
                if k in out:
                    errors += self._errors(out, sum(out) - k, y, means, weights)
            means, weights = self._solved(fit, sums, cross)
            shrunk = weights / (fit.eigenvalues + PENALTIES[errors.argmin()])[:, None]
            linear = fit.basis @ shrunk
            told = self._vectors @ linear - (fit.means @ linear)[self._cells]
            yield self._rows[k], y - means[self._cells], told

    def predict(self, targets: Vectors) -> tuple[Floats, Floats]:
        """float64 [n, t] twice: both as in `maps`, of each row by the map not fitted on it."""
        rest, told = (np.zeros(targets.shape) for _ in range(2))
        for rows, *found in self.maps(targets):
            rest[rows], told[rows] = (values[rows] for values in found)
        return rest, told

    def _fit(self, out: tuple[int, ...], sums: Floats, scatters: Sequence[Floats]) -> _Fit:
        kept = tuple(k for k in range(len(self._rows)) if k not in out)
        means = self._means(kept, sums)
        scatter = sum(scatters[k] for k in kept) - means.T @ sums[list(kept)].sum(axis=0)
        rows = sum(len(self._rows[k]) for k in kept)
        deviation = np.sqrt(np.clip(np.diag(scatter), 0.0, None) / max(rows, 1))
        alive = deviation > DEAD * np.median(deviation)
        scale = np.divide(1.0, deviation, out=np.zeros_like(deviation), where=alive)
        eigenvalues, basis = np.linalg.eigh(scatter * scale * scale[:, None])
        return _Fit(kept, scale[:, None] * basis, np.clip(eigenvalues, 0.0, None), means)

    def _gram(self, fit: _Fit, fold: int) -> Floats:
        """float64 [width, width]: of a fold's rows in the eigenbasis of a fit."""
        x = self._vectors[self._rows[fold]] - fit.means[self._cells[self._rows[fold]]]
        rotated: Floats = x @ fit.basis
        return np.asarray(rotated.T @ rotated)

    def _solved(self, fit: _Fit, sums: Floats, cross: Sequence[Floats]) -> tuple[Floats, Floats]:
        """Cell means of the targets, and their products with the eigenbasis, [width, t]."""
        means = self._means(fit.kept, sums)
        product = sum(cross[k] for k in fit.kept)
        product = product - fit.means.T @ sums[list(fit.kept)].sum(axis=0)
        return means, fit.basis.T @ product

    def _errors(
        self, out: tuple[int, int], scored: int, targets: Floats, means: Floats, weights: Floats
    ) -> Floats:
        """float64 [penalties]: squared error on a fold, up to what the penalty does not change."""
        rows, fit = self._rows[scored], self._inner[out]
        cells = self._cells[rows]
        y = targets[rows] - means[cells]
        product = (self._vectors[rows] - fit.means[cells]).T @ y
        linear = np.einsum("ij,ij->i", weights, fit.basis.T @ product)
        square = (weights @ weights.T) * self._grams[out, scored]
        shrinkage = 1 / (fit.eigenvalues + PENALTIES[:, None])
        found: Floats = np.einsum("pi,pi->p", shrinkage @ square, shrinkage)
        found -= 2 * shrinkage @ linear
        return found

    def _sums(self, values: Floats) -> Floats:
        """float64 [folds, cells, width]: the sums of the rows of each fold and cell."""
        codes = np.eye(int(self._cells.max()) + 1)[self._cells]
        return np.asarray(np.stack([codes[rows].T @ values[rows] for rows in self._rows]))

    def _means(self, kept: Sequence[int], sums: Floats) -> Floats:
        """float64 [cells, width]: of the rows of these folds; zeros for a cell without any."""
        total = sums[list(kept)].sum(axis=0)
        rows = np.concatenate([self._rows[k] for k in kept])
        counts = np.bincount(self._cells[rows], minlength=len(total))
        return np.asarray(total / np.maximum(counts, 1)[:, None])


def recovered(ridge: CrossRidge, reference: Vectors) -> float:
    """1 - residual / variance within cells of the untuned vectors under a cross-fitted ridge map.

    0 is no more than the labels tell, a little less where the map is worse than the cell means on
    rows it was not fitted on, and 1 is all. The ridge is over the representation, with the cells.
    """
    rest, told = ridge.predict(reference)
    variance = float((rest**2).sum())
    return 1 - float(((rest - told) ** 2).sum()) / variance if variance > 0 else 0.0

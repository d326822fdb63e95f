"""Many regularised logistic regressions on one matrix, solved together by Newton's method.

Minimises, for each problem, `sum_i w_i nll_i + |W|^2 / (2 C)` with an intercept that is not
penalised, which is scikit-learn's `LogisticRegression(C)`: with two classes one logit, with more a
softmax. Newton's equations are solved by conjugate gradients (Dembo and Steihaug 1983) on all
problems at once, so that the work is two matrix products a step. The features are turned into the
eigenvectors of their Gram matrix beforehand, where the Hessian is nearly diagonal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from data.rows import IntArray
from harness.evaluation.probes.family import FloatArray

NULL = 1e-12
"""Eigenvalues below this times the largest are rounding; their directions get no weight."""

INTERCEPT_PENALTY = 1e-6
"""Keeps the intercept of a class without rows finite."""

NEWTON_STEPS = 50
CG_STEPS = 400
HALVINGS = 12


@dataclass(frozen=True)
class Rotated:
    """Features in the basis of their principal directions.

    Attributes
    ----------
    design : float64 [n, rank + 1], the turned features and a column of ones.
    spectrum : float64 [rank + 1], sums of squares of the columns of `design`.
    basis : float64 [width, rank], orthonormal: `design[:, :-1] = features @ basis`.
    """

    design: FloatArray
    spectrum: FloatArray
    basis: FloatArray

    @classmethod
    def of(cls, features: np.ndarray) -> Rotated:
        """Turn features [n, width]; one eigendecomposition of the smaller of both Gram matrices."""
        values = features.astype(np.float64)
        wide = values.shape[1] > values.shape[0]
        roots, vectors = np.linalg.eigh(values @ values.T if wide else values.T @ values)
        whole = roots > NULL * max(roots[-1], 1e-300)
        basis = vectors[:, whole]
        if wide:
            basis = values.T @ basis / np.sqrt(roots[whole])
        turned = values @ basis
        design = np.hstack([turned, np.ones((len(values), 1))])
        return cls(design, (design**2).sum(axis=0), basis)

    def rows(self, used: IntArray) -> Rotated:
        """Some of the rows, in the same basis."""
        if len(used) == len(self.design):
            return self
        design = self.design[used]
        return Rotated(design, (design**2).sum(axis=0), self.basis)


def logits_path(
    turned: Rotated,
    labels: Sequence[IntArray],
    weights: FloatArray,
    classes: int,
    strengths: Sequence[float],
    *,
    tolerance: float = 1e-2,
) -> Iterator[FloatArray]:
    """Solve problems for one C after another, each from the solution before it.

    Gives for each C the coefficients, float64 [rank + 1, P, free]; `free` is 1 for two classes.

    Parameters
    ----------
    labels : of each of P problems, int64 [n] in range(classes).
    weights : float64 [n, P]; rows that a problem is not fitted on weigh 0.
    strengths : values of C, small ones first.
    tolerance : on the decrease that Newton's model still promises, in nats over all rows.
    """
    free = 1 if classes == 2 else classes
    told = np.stack(labels, axis=1)
    hot = (told[:, :, None] == np.arange(classes)[-free:]).astype(np.float64)
    found = np.zeros((turned.design.shape[1], len(labels), free))
    # The first guess is the intercept of the class frequencies alone.
    for c in strengths:
        found = _newton(turned, hot, weights, found, c, tolerance)
        yield found


def probabilities(logits: FloatArray) -> FloatArray:
    """Of all classes, from logits [..., free]; the first of two classes has the logit 0."""
    if logits.shape[-1] == 1:
        second = _told(logits)
        return np.concatenate([1 - second, second], axis=-1)
    return _told(logits)


def _told(logits: FloatArray) -> FloatArray:
    from scipy.special import expit, softmax

    return np.asarray(expit(logits) if logits.shape[-1] == 1 else softmax(logits, axis=-1))


def _loss(logits: FloatArray, hot: FloatArray, weights: FloatArray) -> FloatArray:
    """Weighted negative log-likelihood of each problem [P]."""
    if logits.shape[-1] == 1:
        whole = np.logaddexp(0.0, logits[..., 0])
    else:
        top = logits.max(axis=-1)
        whole = top + np.log(np.exp(logits - top[..., None]).sum(axis=-1))
    return np.asarray(np.einsum("np,np->p", weights, whole - (hot * logits).sum(axis=-1)))


def _times(matrix: FloatArray, right: FloatArray) -> FloatArray:
    """matrix [a, b] times right [b, P, free]."""
    return np.asarray((matrix @ right.reshape(len(right), -1)).reshape(-1, *right.shape[1:]))


def _newton(
    turned: Rotated, hot: FloatArray, weights: FloatArray, start: FloatArray, c: float, tol: float
) -> FloatArray:
    design, result = turned.design, start.copy()
    penalty = np.full((design.shape[1], 1, 1), 1 / c)
    penalty[-1] = INTERCEPT_PENALTY
    active = np.arange(start.shape[1])
    logits = _times(design, start)
    for _ in range(NEWTON_STEPS):
        point, some, count = result[:, active], hot[:, active], weights[:, active, None]
        told = _told(logits)
        gradient = _times(design.T, count * (told - some)) + penalty * point
        step = _conjugate(turned, told, count, penalty, -gradient)
        slope = (gradient * step).sum(axis=(0, 2))
        moved = _times(design, step)
        before = _loss(logits, some, count[..., 0]) + 0.5 * (penalty * point**2).sum(axis=(0, 2))
        length = np.ones(len(active))
        for _ in range(HALVINGS):
            there = point + length[:, None] * step
            after = _loss(logits + length[:, None] * moved, some, count[..., 0])
            after += 0.5 * (penalty * there**2).sum(axis=(0, 2))
            short = after > before + 1e-4 * length * slope + 1e-10 * np.abs(before)
            if not short.any():
                break
            length[short] /= 2
        result[:, active] = point + length[:, None] * step
        going = -slope > tol
        if not going.any():
            break
        logits = (logits + length[:, None] * moved)[:, going]
        active = active[going]
    return result


def _conjugate(
    turned: Rotated, told: FloatArray, count: FloatArray, penalty: FloatArray, right: FloatArray
) -> FloatArray:
    """Solve the Hessian's equations for every problem, to a tenth of the right-hand side."""
    design = turned.design
    binary = told.shape[-1] == 1
    curve = count * told * (1 - told)
    share = curve.mean(axis=0)
    inverse = 1 / (turned.spectrum[:, None, None] * share + penalty + 1e-12)

    def hessian(vector: FloatArray) -> FloatArray:
        moved = _times(design, vector)
        if binary:
            moved *= curve
        else:
            mean = (told * moved).sum(axis=-1, keepdims=True)
            moved = count * told * (moved - mean)
        return _times(design.T, moved) + penalty * vector

    found, rest = np.zeros_like(right), right.copy()
    along = inverse * rest
    size = (rest * along).sum(axis=(0, 2))
    # Superlinear at the end: the demand grows as the gradient shrinks.
    wanted = np.minimum(0.01, size) * size
    ahead = along
    for _ in range(CG_STEPS):
        going = size > wanted
        if not going.any():
            break
        curved = hessian(ahead)
        bend = (ahead * curved).sum(axis=(0, 2))
        stride = np.where(going & (bend > 0), size / np.where(bend > 0, bend, 1), 0.0)
        found += stride[:, None] * ahead
        rest -= stride[:, None] * curved
        along = inverse * rest
        new = (rest * along).sum(axis=(0, 2))
        ahead = along + np.where(going, new / np.where(size > 0, size, 1), 0.0)[:, None] * ahead
        size = np.where(going, new, size)
    return found

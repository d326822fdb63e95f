"""The method `alf-qleace`."""

from dataclasses import dataclass

import numpy as np

from baselines.erasure import Eraser, ErasureSettings, Floats, Labelled, Scaling
from baselines.leace import Leace, leace_eraser
from data.errors import UserError
from data.rows import Rows
from harness.contract.dial import Dial
from harness.contract.search import Range


@dataclass(frozen=True)
class AlfQleaceSettings(ErasureSettings):
    """Beside those of every eraser: how much is projected out.

    Attributes
    ----------
    rank : directions that are projected out after LEACE, at most one less than the encoder's width;
        with 0 it is LEACE.
    """

    rank: int = 20


class AlfQleace(Leace):
    """LEACE, then the directions in which the classes' covariances differ most are projected out.

    What a quadratic probe reads beyond the class means are the classes' covariances; no label is
    asked when texts are encoded. Source: Quirke and Belrose 2025 (approximately label-free
    quadratic erasure), reconstructed from its description.
    """

    name = "alf-qleace"
    kinds = ("aspects",)
    Settings = AlfQleaceSettings
    search = {"rank": Range(5, 100, "log")}
    dial = Dial("rank", (0, 5, 20, 60))
    variants = {}
    studies = {}

    def eraser(self, train: Labelled, aspect: str, valid: Rows, *, seed: int) -> Eraser:
        rank = min(self.settings.rank, train.vectors.shape[1] - 1)
        if rank < 0:
            raise UserError(f"rank is {rank}; it must be 0 or more")
        linear = leace_eraser(train)
        erased = train.moved(linear(train.vectors.astype(np.float32)).astype(np.float64))
        scaling = Scaling.of(erased)
        directions = covariance_directions(scaling(erased), rank)
        return linear.then(scaling.eraser(directions.T, directions))


def covariance_directions(rows: Labelled, rank: int) -> Floats:
    """Orthonormal directions along which the classes' covariances differ most, one by one.

    Each is the unit vector `u` with the largest sum of `|(S_k - S) u|^2` over the classes `k` of
    all labels, among those orthogonal to the ones before it. `S` is the mean of a label's `S_k`,
    and each class counts its weight. With two classes these are the leading eigenvectors of the
    difference.

    `rows`: standardised vectors, their labels and weights. `rank`: how many. Gives float64 [rank,
    width].
    """
    from scipy.linalg import eigh

    differences: list[Floats] = []
    for codes in rows.labels.values():
        inside = [codes == code for code in np.unique(codes)]
        shares = [rows.weights[here].sum() / rows.weights.sum() for here in inside]
        spread = [_covariance(rows.vectors[here], rows.weights[here]) for here in inside]
        mean = np.average(spread, axis=0, weights=shares)
        differences += [
            np.sqrt(share) * (each - mean) for share, each in zip(shares, spread, strict=True)
        ]
    width = rows.vectors.shape[1]
    found = np.zeros((0, width))
    for _ in range(rank):
        squares = np.sum([each @ each for each in differences], axis=0)
        # Where nothing differs any more every vector leads: those that were found come last.
        last = (1 + np.trace(squares)) * found.T @ found
        _, leading = eigh(squares - last, subset_by_index=(width - 1, width - 1))
        found = np.concatenate([found, leading.T])
        rest = np.eye(width) - found.T @ found
        differences = [rest @ each @ rest for each in differences]
    return found


def _covariance(vectors: Floats, weights: Floats) -> Floats:
    centred = vectors - np.average(vectors, axis=0, weights=weights)
    covariance: Floats = (centred.T * (weights / weights.sum())) @ centred
    return covariance

"""The method `inlp`."""

from dataclasses import dataclass

import numpy as np

from baselines.erasure import (
    Eraser,
    Erasure,
    ErasureSettings,
    Floats,
    Labelled,
    Scaling,
    fitted_classifier,
    one_hot,
)
from data.rows import Rows
from harness.contract.dial import Dial
from harness.contract.search import Range

SAME = 1e-6
"""Singular values below this share of the largest belong to directions that are there already."""


@dataclass(frozen=True)
class InlpSettings(ErasureSettings):
    """Settings of `inlp`, beside those of every eraser.

    Attributes
    ----------
    iterations : classifiers that are fitted for each erased aspect, at most.
    inverse_regularisation : C of the logistic regressions, on standardised vectors.
    """

    iterations: int = 20
    inverse_regularisation: float = 0.001


class Inlp(Erasure):
    """Directions of linear classifiers projected out in turn. Source: Ravfogel et al. 2020.

    As long as a new linear classifier beats the guess of the largest class on validation rows, its
    directions are removed too (algorithm 1). Classifiers and projection work on
    standardised vectors, so that no coordinate counts more than another for its scale.
    """

    name = "inlp"
    Settings = InlpSettings
    search = {"iterations": Range(5, 40), "inverse_regularisation": Range(1e-4, 0.1, "log")}
    profiles = {"smoke": {"iterations": 3}}
    dial = Dial("iterations", (1, 2, 4))
    """How many directions go: one for each classifier of two classes."""

    def eraser(self, train: Labelled, aspect: str, valid: Rows, *, seed: int) -> Eraser:
        scaling = Scaling.of(train)
        checked = self.labelled(valid, self.vectors(valid.texts), aspect)
        directions = nullspace_directions(scaling(train), scaling(checked), self.settings)
        return scaling.eraser(directions.T, directions)


def nullspace_directions(train: Labelled, valid: Labelled, settings: InlpSettings) -> Floats:
    """What iterated classifiers read, as orthonormal directions (Ravfogel et al. 2020, section 4).

    `train`, `valid`: standardised vectors; classifiers are fitted on the first and checked on the
    second. Gives float64 [rank, width]; rank 0 where the first classifiers do no better than
    guessing.
    """
    directions = np.zeros((0, train.vectors.shape[1]))
    for _ in range(settings.iterations):
        seen, held_out = (
            rows.moved(rows.vectors - rows.vectors @ directions.T @ directions)
            for rows in (train, valid)
        )
        strength = settings.inverse_regularisation
        read = [_read(seen, held_out, aspect, strength) for aspect in train.labels]
        found = [rowspace for rowspace in read if rowspace is not None]
        if not found:
            break
        directions = joined(directions, *found)
    return directions


def joined(*rowspaces: Floats) -> Floats:
    """Orthonormal basis of the sum of subspaces, float64 [rank, width].

    The intersection of nullspaces is the nullspace of the sum of the projections onto the
    rowspaces, where a product of projections drifts with every factor. The right singular vectors
    of the stacked bases are the eigenvectors of that sum.

    `rowspaces`: float64 [r, width] each; orthonormal rows where there are several.
    """
    _, values, vectors = np.linalg.svd(np.concatenate(rowspaces), full_matrices=False)
    basis: Floats = vectors[values > SAME * values.max(initial=0.0)]
    return basis


def _read(
    train: Labelled, valid: Labelled, aspect: str, inverse_regularisation: float
) -> Floats | None:
    """Rowspace of a new classifier, or None where it does no better than the largest class.

    Better is what lies above by more than one standard error: otherwise every second classifier
    would look better when nothing is left to read, and more than the aspect would go.
    """
    classifier = fitted_classifier(train, aspect, inverse_regularisation)
    codes = valid.labels[aspect]
    right = classifier.predict(valid.vectors) == codes
    shares = valid.weights / valid.weights.sum()
    largest = (shares @ one_hot(codes)).max()
    error = np.sqrt(largest * (1 - largest) * (shares**2).sum())
    return joined(classifier.coef_) if shares @ right > largest + error else None

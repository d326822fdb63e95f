"""The method `rlace`."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

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
from data.errors import UserError
from data.rows import Rows
from harness.contract.dial import Dial
from harness.contract.search import Range
from harness.training.schedule import rate_factor

BISECTIONS = 60
"""Halvings of the interval of levels: as many as a float64 can resolve."""

MOMENTUM = 0.9


@dataclass(frozen=True)
class RlaceSettings(ErasureSettings):
    """Settings of `rlace`, beside those of every eraser.

    Attributes
    ----------
    rank : directions that are erased; 0 stands for the classes of all erased aspects less one for
        each aspect, the fewest that can hide them: 1 for one aspect of two classes.
    steps : steps of the game; both players move once in each.
    batch_texts : rows a step, drawn by their weights.
    classifier_rate, projection_rate : learning rates of the players, under the shape of
        `harness.training.schedule`.
    weight_decay : of the classifiers.
    checks : how often, evenly over the steps, the projection is rounded and tried.
    inverse_regularisation : C of the logistic regression that tries it, on standardised vectors.
    """

    rank: int = 0
    steps: int = 200
    batch_texts: int = 256
    classifier_rate: float = 0.02
    projection_rate: float = 0.1
    weight_decay: float = 1e-4
    checks: int = 8
    inverse_regularisation: float = 0.01


class Rlace(Erasure):
    """A projection that wins against linear classifiers. Source: Ravfogel et al. 2022, R-LACE.

    A game between linear classifiers of all other aspects, which read `x - P x`, and P, which
    raises their loss. P moves in the Fantope, the convex hull of the projections of its rank, and
    is rounded to the projection onto its leading eigenvectors; of all that were tried, the one
    that leaves new classifiers the highest loss on the training rows is kept.
    """

    name = "rlace"
    Settings = RlaceSettings
    search = {
        "classifier_rate": Range(2e-3, 0.2, "log"),
        "projection_rate": Range(1e-2, 1.0, "log"),
        "weight_decay": Range(1e-5, 1e-3, "log"),
        "inverse_regularisation": Range(1e-4, 0.1, "log"),
    }
    dial = Dial("rank", (2, 4, 8))
    profiles = {"smoke": {"steps": 30, "checks": 3}}

    def eraser(self, train: Labelled, aspect: str, valid: Rows, *, seed: int) -> Eraser:
        scaling = Scaling.of(train)
        directions = game_directions(scaling(train), self.settings, seed=seed)
        return scaling.eraser(directions.T, directions)


def project_fantope(matrix: Floats, rank: int) -> tuple[Floats, Floats]:
    """The closest point of the Fantope: symmetric, eigenvalues from 0 to 1, trace `rank`.

    The eigenvectors stay, and the eigenvalues become `clip(value - level, 0, 1)` for the one level
    at which they sum to the rank (Vu et al. 2013, lemma 4.1).

    `matrix`: float64 [width, width], symmetric. `rank`: from 1 to the width. Gives the point,
    float64 [width, width], and its leading eigenvectors, float64 [rank, width].
    """
    values, vectors = np.linalg.eigh(matrix)
    low, high = values[0] - 1, values[-1]
    for _ in range(BISECTIONS):
        level = (low + high) / 2
        if np.clip(values - level, 0, 1).sum() > rank:
            low = level
        else:
            high = level
    clipped = np.clip(values - (low + high) / 2, 0, 1)
    return (vectors * clipped) @ vectors.T, vectors[:, : -rank - 1 : -1].T


def game_directions(rows: Labelled, settings: RlaceSettings, *, seed: int) -> Floats:
    """What the kept projection erases, as orthonormal directions, float64 [rank, width].

    `rows`: standardised vectors. UserError where the rank is negative, or leaves nothing of the
    vectors.
    """
    width = rows.vectors.shape[1]
    rank = settings.rank or sum(len(np.unique(codes)) - 1 for codes in rows.labels.values())
    if not 0 < rank < width:
        raise UserError(f"rank must be 0, or from 1 to {width - 1} for vectors of this backbone")
    best, highest = np.zeros((0, width)), -np.inf
    for directions in _play(rows, rank, settings, seed):
        erased = rows.moved(rows.vectors - rows.vectors @ directions.T @ directions)
        loss = _least_loss(erased, settings.inverse_regularisation)
        if loss > highest:
            best, highest = directions, loss
    return best


def _play(rows: Labelled, rank: int, settings: RlaceSettings, seed: int) -> Iterator[Floats]:
    """The rounded projections at the checks (Ravfogel et al. 2022, algorithm 1)."""
    random = np.random.default_rng(seed)
    count, width = rows.vectors.shape
    shares = rows.weights / rows.weights.sum()
    hot = [one_hot(codes) for codes in rows.labels.values()]
    cuts = np.cumsum([part.shape[1] for part in hot])[:-1]
    targets = np.concatenate(hot, axis=1)
    # All classifiers stand side by side in one matrix.
    weights, intercepts = np.zeros((width, targets.shape[1])), np.zeros(targets.shape[1])
    projection = np.eye(width) * (rank / width)
    weights_pace, projection_pace = np.zeros_like(weights), np.zeros_like(projection)
    due = set(np.linspace(0, settings.steps, settings.checks + 1, dtype=int)[1:].tolist())
    for step in range(settings.steps):
        index = random.choice(count, size=settings.batch_texts, p=shares)
        batch = rows.vectors[index]
        logits = batch @ (weights - projection @ weights) + intercepts
        guesses = [softmax(part, axis=1) for part in np.split(logits, cuts, axis=1)]
        residuals = (np.concatenate(guesses, axis=1) - targets[index]) / len(index)
        slope = batch.T @ residuals
        gain = -(slope @ weights.T + weights @ slope.T) / 2
        fall = slope - projection @ slope + settings.weight_decay * weights
        weights_pace = MOMENTUM * weights_pace + fall
        projection_pace = MOMENTUM * projection_pace + gain
        factor = rate_factor(step, settings.steps)
        weights = weights - factor * settings.classifier_rate * weights_pace
        intercepts = intercepts - factor * settings.classifier_rate * residuals.sum(0)
        projection, leading = project_fantope(
            projection + factor * settings.projection_rate * projection_pace, rank
        )
        if step + 1 in due:
            yield leading


def _least_loss(rows: Labelled, inverse_regularisation: float) -> float:
    """Cross-entropy of new classifiers on the rows that they are fitted on, in nats, summed."""
    total = 0.0
    for aspect, codes in rows.labels.items():
        classifier = fitted_classifier(rows, aspect, inverse_regularisation)
        guesses = np.log((classifier.predict_proba(rows.vectors) * one_hot(codes)).sum(1))
        total -= float(np.average(guesses, weights=rows.weights))
    return total

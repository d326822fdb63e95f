"""What the readouts share: the decision values of a cell-weighted logistic regression."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from baselines.erasure import cell_weights
from data.errors import UserError
from data.rows import Rows
from harness.contract.method import Representation
from harness.encoders.plain_encoder import Affine
from harness.evaluation.probes import Fold, group_folds
from harness.evaluation.probes.features import standardisation
from harness.evaluation.probes.linear import VALUES
from harness.evaluation.probes.newton import Rotated, logits_path, probabilities


@dataclass(frozen=True)
class DecisionValues:
    """The affine map from vectors to the logits of one aspect.

    `weight`: float32 [values, width]; one value for two classes, with more one for each class,
    which sum to 0. `offset`: float32 [values].
    """

    weight: NDArray[np.float32]
    offset: NDArray[np.float32]

    def __call__(self, vectors: Representation) -> Representation:
        """float32 [n, values], from float32 [n, width]."""
        logits: Representation = vectors @ self.weight.T + self.offset
        return logits

    @property
    def affine(self) -> Affine:
        """The same as an encoder's last layer."""
        return Affine(self.weight, self.offset)

    @classmethod
    def fitted(
        cls,
        aspect: str,
        train: tuple[Rows, Representation],
        valid: tuple[Rows, Representation],
        *,
        seed: int,
        trained: bool,
    ) -> Self:
        """The logistic regression for an aspect, with rows weighed so that cells count equally.

        Of the strengths of the linear probe it has the one that predicts best, by cross-entropy
        with cells counting equally: over group-disjoint folds of the training rows, or on the
        validation rows where training rows cannot tell.

        Parameters
        ----------
        train, valid : rows and their vectors, float32 [n, width]; the vectors are standardised as
            for probes, without units that hardly vary.
        seed : of the folds.
        trained : whether the vectors were trained on the training rows, and may know their labels.
        """
        rows, count = (train[0], valid[0]), len(train[0])
        alive, mean, deviation = standardisation(train[1])
        scaled = (np.concatenate([train[1], valid[1]])[:, alive] - mean) / deviation
        labels = np.concatenate([part.labels[aspect] for part in rows])
        cells = np.concatenate([part.cells for part in rows])
        parts = _parts(*rows, seed=seed, trained=trained)
        # The first problem is the answer; the others say which strength to answer with.
        fits = [np.arange(count), *(fitting for fitting, _ in parts)]
        weights = np.zeros((len(scaled), len(fits)))
        for column, fitting in enumerate(fits):
            weights[fitting, column] = cell_weights(cells[fitting])
        scored = np.concatenate([scoring for _, scoring in parts])
        classes = len(next(a for a in rows[0].aspects if a.name == aspect).classes)
        turned = Rotated.of(scaled)
        best, least = np.zeros((0, 0)), np.inf
        for found in logits_path(turned, [labels] * len(fits), weights, classes, VALUES):
            logits = [turned.design[s] @ found[:, k] for k, (_, s) in enumerate(parts, start=1)]
            told = probabilities(np.concatenate(logits))[np.arange(len(scored)), labels[scored]]
            nats = -np.log(np.maximum(told, 1e-300))
            loss = float(np.average(nats, weights=cell_weights(cells[scored])))
            if loss < least:
                best, least = found[:, 0], loss
        if classes > 2:
            # What all logits share tells nothing, and is whatever the solver left there.
            best = best - best.mean(axis=1, keepdims=True)
        weight = np.zeros((best.shape[1], len(alive)))
        weight[:, alive] = (turned.basis @ best[:-1]).T / deviation
        offset = best[-1] - weight[:, alive] @ mean
        return cls(weight.astype(np.float32), offset.astype(np.float32))


def _parts(train: Rows, valid: Rows, *, seed: int, trained: bool) -> tuple[Fold, ...]:
    """Fitting and scoring positions, training rows before validation rows."""
    if not trained:
        # Where there are too few rows to cross-fit, validation rows have to do.
        with suppress(UserError):
            return group_folds(train, seed=seed)
    return ((np.arange(len(train)), np.arange(len(train), len(train) + len(valid))),)

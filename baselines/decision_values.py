"""What the readouts share: the decision values of a cell-weighted logistic regression."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.erasure import Floats, cell_weights
from data.rows import Rows
from harness.contract.method import Representation
from harness.evaluation.probes.features import standardisation
from harness.evaluation.probes.linear import VALUES
from harness.evaluation.probes.newton import Rotated, logits_path, probabilities


@dataclass(frozen=True)
class DecisionValues:
    """The affine map from vectors to the logits of one aspect.

    Attributes
    ----------
    weight : float32 [values, width]; one value for two classes, with more one for each class.
    offset : float32 [values].
    """

    weight: NDArray[np.float32]
    offset: NDArray[np.float32]

    def __call__(self, vectors: Representation) -> Representation:
        """float32 [n, values], from float32 [n, width]."""
        logits: Representation = vectors @ self.weight.T + self.offset
        return logits

    @classmethod
    def fitted(
        cls, aspect: str, train: tuple[Rows, Representation], valid: tuple[Rows, Representation]
    ) -> Self:
        """The logistic regression for an aspect, with rows weighed so that cells count equally.

        Of the strengths of the linear probe it has the one under which the validation rows, weighed
        in the same way, have the least cross-entropy; of equal ones the strongest regularisation.

        Parameters
        ----------
        train, valid : rows and their vectors, float32 [n, width]; the vectors are standardised as
            for probes, without units that hardly vary.
        """
        rows, vectors = train
        alive, mean, deviation = standardisation(vectors)
        scaled, held_out = ((v[:, alive] - mean) / deviation for v in (vectors, valid[1]))
        turned = Rotated.of(scaled)
        weights = cell_weights(rows.cells)[:, None]
        classes = len(next(a for a in rows.aspects if a.name == aspect).classes)
        best, least = np.zeros((0, 0)), np.inf
        path = logits_path(turned, [rows.labels[aspect]], weights, classes, VALUES)
        for solution in path:
            found = np.vstack([turned.basis @ solution[:-1, 0], solution[-1:, 0]])
            logits = held_out @ found[:-1] + found[-1]
            loss = _cross_entropy(logits, valid[0], aspect)
            if loss < least:
                best, least = found, loss
        weight = np.zeros((best.shape[1], len(alive)))
        weight[:, alive] = best[:-1].T / deviation
        offset = best[-1] - weight[:, alive] @ mean
        return cls(weight.astype(np.float32), offset.astype(np.float32))


def _cross_entropy(logits: Floats, rows: Rows, aspect: str) -> float:
    """Mean over rows, cells counting equally, in nats."""
    told = probabilities(logits)[np.arange(len(rows)), rows.labels[aspect]]
    nats = -np.log(np.maximum(told, 1e-300))
    return float(np.average(nats, weights=cell_weights(rows.cells)))


def stored(readouts: Mapping[str, DecisionValues]) -> dict[str, Tensor]:
    """Both parts of each aspect's map by name."""
    return {
        f"{part}.{aspect}": torch.from_numpy(array)
        for aspect, readout in readouts.items()
        for part, array in vars(readout).items()
    }


def restored(tensors: Mapping[str, Tensor], aspects: Iterable[str]) -> dict[str, DecisionValues]:
    """What `stored` made tensors of; LookupError where an aspect's are missing."""
    parts = ("weight", "offset")
    return {a: DecisionValues(*(tensors[f"{part}.{a}"].numpy() for part in parts)) for a in aspects}

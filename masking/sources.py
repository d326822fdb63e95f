"""Where the training batches of masks come from, and what is asked of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor, nn

from data.errors import UserError
from data.rows import IntArray, Rows
from harness.training.batches import CellBatches, TripletBatches
from harness.training.objectives import classification_loss, explicit_triplet_loss, triplet_loss


@dataclass(frozen=True)
class Weights:
    """Weights of the losses that a source asks for, and the margin of its triplets."""

    triplet: float
    classification: float
    margin: float


class Source(Protocol):
    """Texts, their aspects, and a loss for each aspect's vectors of a batch.

    Attributes
    ----------
    texts : n training texts.
    aspects : name to number of classes; 0 where the aspect has no labels, and so no head.
    """

    @property
    def texts(self) -> Sequence[str]: ...

    @property
    def aspects(self) -> Mapping[str, int]: ...

    def draw(self) -> IntArray:
        """Positions of the next batch's texts, int64 [rows]; `loss` then speaks of them."""

    def loss(self, aspect: str, vectors: Tensor, head: nn.Module | None) -> Tensor:
        """`l_trp L_trp + l_cls L_cls` for one aspect's vectors of that batch, [rows, width]."""


class LabelledTexts:
    """Batches with the same number of rows from every label cell, all triplets within them.

    Parameters
    ----------
    rows : training rows.
    size : texts a batch.
    weights : of the losses.
    seed : of the order.
    """

    def __init__(self, rows: Rows, size: int, weights: Weights, *, seed: int) -> None:
        self.texts = rows.texts
        self.aspects = {aspect.name: len(aspect.classes) for aspect in rows.aspects}
        self._batches = CellBatches(rows, size, seed=seed)
        self._weights = weights
        self._labels: dict[str, Tensor] = {}

    def draw(self) -> IntArray:
        index, self._labels = self._batches.draw()
        return index

    def loss(self, aspect: str, vectors: Tensor, head: nn.Module | None) -> Tensor:
        weights, labels = self._weights, self._labels
        total = vectors.new_zeros(())
        if weights.triplet:
            triplets = triplet_loss(vectors, labels, aspect, margin=weights.margin)
            total = total + weights.triplet * triplets
        if weights.classification and head is not None:
            classified = classification_loss(head(vectors), labels[aspect])
            total = total + weights.classification * classified
        return total


class ExplicitTriplets:
    """Given triplets (x0, x1, x2) without labels: two aspects, no classification.

    Parameters
    ----------
    triplets : [m] triplets of texts.
    aspects : names of what x0 and x1 share, and of what x0 and x2 share.
    size : texts a batch, three a triplet.
    weights : of the losses; without labels there is no classification.
    seed : of the order.

    Raises
    ------
    UserError : there is no triplet.
    """

    def __init__(
        self,
        triplets: Sequence[tuple[str, str, str]],
        aspects: tuple[str, str],
        size: int,
        weights: Weights,
        *,
        seed: int,
    ) -> None:
        if not triplets:
            raise UserError("there are no triplets to learn from; give one or more")
        self.texts = tuple(text for part in zip(*triplets, strict=True) for text in part)
        self.aspects = dict.fromkeys(aspects, 0)
        self._first = aspects[0]
        self._weights = weights
        self._batches = TripletBatches(len(triplets), size, seed=seed)

    def draw(self) -> IntArray:
        return self._batches.draw()

    def loss(self, aspect: str, vectors: Tensor, head: nn.Module | None) -> Tensor:
        z0, z1, z2 = vectors.chunk(3)
        near, far = (z1, z2) if aspect == self._first else (z2, z1)
        triplets = explicit_triplet_loss(z0, near, far, margin=self._weights.margin)
        return self._weights.triplet * triplets

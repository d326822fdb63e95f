"""What the erasers share: affine maps that take aspects out of the frozen encoder's vectors."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from baselines.untuned import Untuned
from data.rows import IntArray, Rows, TrainingTask
from harness.contract.method import Representation
from harness.contract.stored import restored_arrays, stored_arrays
from harness.encoders.plain_encoder import Affine
from harness.system.progress import Progress

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ErasureSettings(Untuned.Settings):
    """Settings of every eraser.

    Attributes
    ----------
    max_tokens : texts are cut to this many tokens.
    balanced : whether rows are weighed so that all cells count alike, as they do in the batches of
        other methods; otherwise they count as drawn, and what is correlated with an aspect is
        erased too.
    strength : t of `x - t (x - P x)`, P the eraser; at 0 nothing is erased, at 1 all that P erases.
    """

    balanced: bool = True
    strength: float = 1.0


@dataclass(frozen=True)
class Labelled:
    """Vectors with the aspects that are to be erased from them.

    `vectors`: float64 [n, width]. `labels`: for each aspect to erase, int64 [n]. `weights`: float64
    [n], what each row counts for; their mean is 1.
    """

    vectors: Floats
    labels: Mapping[str, IntArray]
    weights: Floats

    def moved(self, vectors: Floats) -> Labelled:
        """The same rows with other vectors."""
        return replace(self, vectors=vectors)


def cell_weights(cells: IntArray) -> Floats:
    """Weights of mean 1 under which all cells that have rows count alike, float64 [n]."""
    _, positions, counts = np.unique(cells, return_inverse=True, return_counts=True)
    weights: Floats = len(cells) / (len(counts) * counts[positions].astype(np.float64))
    return weights


def one_hot(codes: IntArray) -> Floats:
    """float64 [n, classes that have rows]: 1 in the column of a row's class."""
    hot: Floats = (codes[:, None] == np.unique(codes)).astype(np.float64)
    return hot


def fitted_classifier(
    rows: Labelled, aspect: str, inverse_regularisation: float
) -> LogisticRegression:
    """A logistic regression for one aspect, each row counting its weight."""
    classifier = LogisticRegression(C=inverse_regularisation, max_iter=1000)
    return classifier.fit(rows.vectors, rows.labels[aspect], sample_weight=rows.weights)


@dataclass(frozen=True)
class Eraser:
    """The affine map `x - left (right x - offset)`: what `right` reads is moved to its mean.

    `left`: float32 [width, rank]. `right`: float32 [rank, width]. `offset`: float32 [rank], what
    `right` reads from the mean of the vectors.
    """

    left: NDArray[np.float32]
    right: NDArray[np.float32]
    offset: NDArray[np.float32]

    def __call__(self, vectors: Representation) -> Representation:
        """float32 [n, width] without what was erased, from float32 [n, width]."""
        read: Representation = vectors @ self.right.T - self.offset
        erased: Representation = vectors - read @ self.left.T
        return erased

    def at(self, strength: float) -> Eraser:
        """`x - t (x - P x)` for this eraser P, t the strength."""
        return replace(self, left=self.left * np.float32(strength))

    def then(self, other: Eraser) -> Eraser:
        """What this erases, and then the other from the result, as one map."""
        parts = (
            np.concatenate([self.left - other.left @ (other.right @ self.left), other.left], 1),
            np.concatenate([self.right, other.right]),
            np.concatenate([self.offset, other.offset]),
        )
        return Eraser(*map(np.ascontiguousarray, parts))

    @property
    def affine(self) -> Affine:
        """The same as one matrix and its bias, float64."""
        left = self.left.astype(np.float64)
        return Affine(np.eye(len(left)) - left @ self.right, left @ self.offset)


@dataclass(frozen=True)
class Scaling:
    """Standardisation: coordinates of mean 0 and variance 1 under the weights of the rows.

    Erasers are learned between standardised coordinates, where each is as exact as its own scale
    asks. Encoders have units that are all but dead: two of MiniLM's vary by 1e-32. Rounding at the
    scale of the other units would put a copy of what was erased there, which a probe that
    standardises reads.

    `centre`: float64 [width], the mean. `scale`: float64 [width], the standard deviation, or 1
    where all rows are the same. `varies`: bool [width], False where all rows are the same.
    """

    centre: Floats
    scale: Floats
    varies: NDArray[np.bool_]

    @classmethod
    def of(cls, rows: Labelled) -> Scaling:
        """The standardisation of these rows."""
        centre = np.average(rows.vectors, axis=0, weights=rows.weights)
        squares = np.average((rows.vectors - centre) ** 2, axis=0, weights=rows.weights)
        varies = np.ptp(rows.vectors, axis=0) > 0
        return cls(centre, np.where(varies, np.sqrt(squares), 1.0), varies)

    def __call__(self, rows: Labelled) -> Labelled:
        """The rows in standardised coordinates."""
        return rows.moved((rows.vectors - self.centre) / self.scale)

    def eraser(self, left: Floats, right: Floats) -> Eraser:
        """The map of the vectors that is `x - left right x` between standardised coordinates.

        `left`, `right`: float64 [width, rank], [rank, width]; what `left` says of coordinates that
        never vary is rounding, and left out.
        """
        left = left * np.where(self.varies, self.scale, 0.0)[:, None]
        right = right / self.scale
        # The order in memory decides how products are rounded, and files keep this one.
        parts = (
            np.ascontiguousarray(part, dtype=np.float32)
            for part in (left, right, right @ self.centre)
        )
        return Eraser(*parts)


class Erasure(Untuned):
    """A method that erases every other aspect from the frozen encoder's vectors.

    One map for each aspect erases all others at once. Maps one after the other would erase as much,
    but a later one is fitted to what earlier ones left, so their order would count, and together
    they would move the vectors more than need be.
    """

    kinds: ClassVar[tuple[str, ...]] = ("aspects",)
    Settings = ErasureSettings
    variants = {"as-drawn": {"balanced": False}}
    studies = {"aspects": {"as-drawn": 1}}

    def learn(self, task: TrainingTask, *, seed: int, progress: Progress) -> None:
        vectors = self.vectors(task.train.texts)
        self.erasers: dict[str, Eraser] = {}
        for aspect in self.aspects:
            train = self.labelled(task.train, vectors, aspect)
            eraser = self.eraser(train, aspect, task.valid, seed=seed)
            self.erasers[aspect] = eraser.at(self.settings.strength)
            progress(len(self.erasers), len(self.aspects))

    @abstractmethod
    def eraser(self, train: Labelled, aspect: str, valid: Rows, *, seed: int) -> Eraser:
        """The map that keeps `aspect`, learned from the training rows of all others."""

    def labelled(self, rows: Rows, vectors: Representation, kept: str) -> Labelled:
        """The rows with the labels of every aspect but the one that is kept."""
        weights = cell_weights(rows.cells) if self.settings.balanced else np.ones(len(rows))
        labels = {name: codes for name, codes in rows.labels.items() if name != kept}
        return Labelled(vectors.astype(np.float64), labels, weights)

    def represent(self, texts: tuple[str, ...], aspect: str) -> Representation:
        return self.erasers[aspect](self.vectors(texts))

    def affine(self, aspect: str) -> Affine:
        return self.erasers[aspect].affine

    def learned(self) -> Mapping[str, Tensor]:
        """Both factors and the offset of each map."""
        return stored_arrays(self.erasers)

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        self.erasers = restored_arrays(Eraser, tensors, self.aspects)

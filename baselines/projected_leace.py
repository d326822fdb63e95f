"""The methods `leace-pca-r` and `leace-random-r`: LEACE, then a projection to few dimensions."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.erasure import ErasureSettings, Floats, Labelled
from baselines.leace import Leace
from data.errors import UserError
from data.rows import TrainingTask
from harness.contract.dial import Dial
from harness.contract.method import Representation
from harness.contract.seeds import seed_from
from harness.encoders.plain_encoder import Affine
from harness.system.progress import Progress


@dataclass(frozen=True)
class ProjectionSettings(ErasureSettings):
    """Beside those of every eraser: how many dimensions are left.

    Attributes
    ----------
    rank : dimensions after the projection, at most the width of the encoder.
    """

    rank: int = 15


class ProjectedLeace(Leace):
    """LEACE and an orthonormal projection after it; a linear map, so what was erased stays away."""

    kinds: ClassVar[tuple[str, ...]] = ("aspects",)
    control = True
    Settings = ProjectionSettings
    dial = Dial("rank", (1, 5, 50))
    """With 1 as many as masks leave, by the metric `effective_rank` of `masked-weights`."""

    variants = {}
    studies = {}

    def learn(self, task: TrainingTask, *, seed: int, progress: Progress) -> None:  # type: ignore[override]
        rank = min(self.settings.rank, self.backbone.width)
        if rank < 1:
            raise UserError(f"rank is {rank}; it must be 1 or more")
        super().learn(task, seed=seed, progress=progress)
        vectors = self.vectors(task.train.texts)
        self.directions: dict[str, NDArray[np.float32]] = {}
        for aspect, eraser in self.erasers.items():
            rows = self.labelled(task.train, eraser(vectors), aspect)
            random = np.random.default_rng(seed_from("directions", seed, aspect))
            found = np.ascontiguousarray(self.basis(rows, rank, random), dtype=np.float32)
            self.directions[aspect] = found

    @abstractmethod
    def basis(self, rows: Labelled, rank: int, random: np.random.Generator) -> Floats:
        """Orthonormal directions that are kept, float64 [rank, width].

        `rows`: erased vectors of the training rows, and what each row counts.
        """

    def represent(self, texts: tuple[str, ...], aspect: str) -> Representation:
        projected: Representation = super().represent(texts, aspect) @ self.directions[aspect].T
        return projected

    def affine(self, aspect: str) -> Affine:
        kept = self.directions[aspect]
        return super().affine(aspect).then(Affine(kept, np.zeros(len(kept))))

    def learned(self) -> Mapping[str, Tensor]:
        kept = {f"directions.{a}": torch.from_numpy(d) for a, d in self.directions.items()}
        return {**super().learned(), **kept}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        super().restore(tensors)
        self.directions = {a: tensors[f"directions.{a}"].numpy() for a in self.aspects}


class LeacePca(ProjectedLeace):
    """LEACE, then the r leading principal components. Source: a control of this suite.

    Of all projections to r dimensions the one that keeps most of the variance, that of the erased
    vectors of the training rows under their weights.
    """

    name = "leace-pca-r"

    def basis(self, rows: Labelled, rank: int, random: np.random.Generator) -> Floats:
        centred = rows.vectors - np.average(rows.vectors, axis=0, weights=rows.weights)
        _, vectors = np.linalg.eigh((centred.T * rows.weights) @ centred)
        leading: Floats = vectors[:, : -rank - 1 : -1].T
        return leading


class LeaceRandom(ProjectedLeace):
    """LEACE, then a random projection to r dimensions. Source: a control of this suite.

    It shows what fewer dimensions alone do to leakage and to target accuracy. The subspace is
    uniformly distributed, and another one for each aspect.
    """

    name = "leace-random-r"

    def basis(self, rows: Labelled, rank: int, random: np.random.Generator) -> Floats:
        basis: Floats = np.linalg.qr(random.standard_normal((rows.vectors.shape[1], rank)))[0].T
        return basis

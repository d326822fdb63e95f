"""The method `das`."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from baselines.untuned import Untuned
from data.errors import UserError
from data.rows import IntArray, Rows, TrainingTask
from harness.contract.method import Representation
from harness.contract.search import Range
from harness.encoders.device import seeded
from harness.encoders.plain_encoder import Affine
from harness.system.progress import Progress
from harness.training.batches import CellBatches
from harness.training.changed_layers import heads_of
from harness.training.objectives import classification_loss
from harness.training.settings import QUICK, SMOKE, StoppingSettings
from harness.training.sources import held_batches
from harness.training.steps import backpropagated, run_steps

Batch = tuple[IntArray, dict[str, Tensor]]
"""Positions of rows, and for each aspect their labels."""


@dataclass(frozen=True)
class DasSettings(StoppingSettings, Untuned.Settings):
    """Settings of `das`.

    Attributes
    ----------
    rank : dimensions of each aspect's subspace, at most its share of the encoder's width.
    steps : training steps.
    batch_texts : base texts a step, spread evenly over the cells; they are the sources too.
    rotation_rate, head_rate : Adam's learning rates; `harness.training.schedule` shapes them.
    clip : largest norm of the gradient.
    """

    rank: int = 64
    steps: int = 200
    batch_texts: int = 64
    rotation_rate: float = 0.01
    head_rate: float = 0.01
    clip: float = 1.0


class Das(Untuned):
    """A rotation that gives each aspect a subspace to exchange. Source: Geiger et al. 2023, DAS.

    Where the subspace of one aspect is taken from a source text and the rest from a base text, the
    head of that aspect must tell the source's class and every other head the base's, for all
    aspects at once: the multi-task form of Huang et al. 2024, RAVEL. The heads are linear and are
    learned with the rotation, as a frozen encoder has none of its own. The representation of an
    aspect is the vector's part in its subspace.
    """

    name = "das"
    kinds = ("aspects",)
    Settings = DasSettings
    variants = {"rank-16": {"rank": 16}}
    studies = {"aspects": {"rank-16": 1}}
    search = {
        "rank": Range(4, 192, "log"),
        "rotation_rate": Range(1e-3, 0.1, "log"),
        "head_rate": Range(1e-3, 0.1, "log"),
    }
    profiles = {"smoke": SMOKE, "quick": QUICK}

    def learn(self, task: TrainingTask, *, seed: int, progress: Progress) -> None:
        settings, device = self.settings, self.backbone.device
        rank = min(settings.rank, self.backbone.width // len(self.aspects))
        if rank < 1:
            raise UserError(f"rank is {settings.rank}; it must be 1 or more, with room for all")
        found = self.vectors(task.train.texts)
        self.mean: Representation = found.mean(axis=0)
        # One scale for all units, so that rates suit every encoder and distances stay as they are.
        scale = float(np.sqrt(((found - self.mean) ** 2).mean())) or 1.0
        with seeded(seed):
            self.heads = heads_of(self.backbone, self.aspects)
            drawn = torch.randn(self.backbone.width, len(self.aspects) * rank)
        free = nn.Parameter(drawn.to(device))

        def source(rows: Rows) -> tuple[Tensor, CellBatches]:
            vectors = (self.vectors(rows.texts) - self.mean) / scale
            batches = CellBatches(rows, settings.batch_texts, seed=seed)
            return torch.from_numpy(vectors).to(device), batches

        def loss(vectors: Tensor, batch: Batch, random: np.random.Generator) -> Tensor:
            index, labels = batch
            other = torch.from_numpy(random.permutation(len(index)))
            base = vectors[torch.from_numpy(index).to(device)]
            told = {name: codes.to(device) for name, codes in labels.items()}
            return self._exchanged(base, other.to(device), told, subspaces(free, rank))

        vectors, batches = source(task.train)
        draws = np.random.default_rng(seed)
        checked, held = source(task.valid if len(task.valid) else task.train)
        kept = held_batches(held, len(checked), settings.batch_texts)

        @torch.no_grad()
        def validate() -> float:
            random = np.random.default_rng(seed)
            return float(np.mean([loss(checked, batch, random).item() for batch in kept]))

        optimiser = torch.optim.Adam(
            [
                {"params": [free], "lr": settings.rotation_rate},
                {"params": [*self.heads.parameters()], "lr": settings.head_rate},
            ]
        )
        run_steps(
            optimiser,
            settings.steps,
            batches.draw,
            lambda step, batch: backpropagated(loss(vectors, batch, draws)),
            clip=settings.clip,
            progress=progress,
            stopping=settings,
            validate=validate if len(task.valid) else None,
        )
        self.bases: NDArray[np.float32] = subspaces(free.detach(), rank).cpu().numpy()

    def _exchanged(
        self, base: Tensor, other: Tensor, labels: Mapping[str, Tensor], bases: Tensor
    ) -> Tensor:
        """The sum over exchanged aspects and heads of the cross-entropy, a scalar."""
        total = base.new_zeros(())
        for position, exchanged in enumerate(self.aspects):
            moved = interchanged(base, base[other], bases[position])
            for aspect, codes in labels.items():
                wanted = codes[other] if aspect == exchanged else codes
                told = self.heads[self.place_of(aspect)](moved)
                total = total + classification_loss(told, wanted)
        return total

    def represent(self, texts: tuple[str, ...], aspect: str) -> Representation:
        centred = self.vectors(texts) - self.mean
        found: Representation = centred @ self.bases[self.place_of(aspect)].T
        return found

    def affine(self, aspect: str) -> Affine:
        basis = self.bases[self.place_of(aspect)]
        return Affine(basis, -basis @ self.mean)

    def learned(self) -> Mapping[str, nn.Module | Tensor]:
        arrays = {"mean": self.mean, "bases": self.bases}
        return {"head": self.heads, **{k: torch.from_numpy(v) for k, v in arrays.items()}}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        self.heads = heads_of(self.backbone, self.aspects)
        self.mean, self.bases = tensors["mean"].numpy(), tensors["bases"].numpy()


def subspaces(free: Tensor, rank: int) -> Tensor:
    """Orthonormal bases of subspaces that are orthogonal to each other, [aspects, rank, width].

    Parameters
    ----------
    free : [width, aspects * rank], any matrix of full rank; its columns are orthogonalised.
    """
    bases: Tensor = torch.linalg.qr(free).Q.T.reshape(-1, rank, len(free))
    return bases


def interchanged(base: Tensor, source: Tensor, basis: Tensor) -> Tensor:
    """The base with the source's part in a subspace (Geiger et al. 2023, definition 3.1).

    Parameters
    ----------
    base, source : [n, width].
    basis : [rank, width], orthonormal rows.
    """
    return base + (source - base) @ basis.T @ basis

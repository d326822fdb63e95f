"""What both kinds of masks share: how they are learned, used and stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import torch
from torch import Tensor, nn

from data.errors import UnknownNameError, UserError
from data.rows import TrainingTask
from harness.artifacts import read_artifact, write_artifact
from harness.backbones import Backbone
from harness.batches import CellBatches
from harness.encoding import kept_positions
from harness.method import Method, Representation
from harness.objectives import classification_loss, triplet_loss
from harness.prefix import PrefixBatch, Prefixes
from harness.progress import Progress
from harness.schedule import rate_factor
from harness.scores import Score
from masking.attachment import MaskedEncoder, Start
from masking.masks import Kind
from masking.objectives import overlap_loss


@dataclass(frozen=True)
class MaskSettings:
    """Settings of learned masks; see docs/hyperparameters.md for how the defaults were chosen.

    Attributes
    ----------
    max_tokens : texts are cut to this many tokens.
    layers : how many of the last layers are masked.
    steps : training steps.
    batch_texts : anchors a step, spread evenly over the cells.
    token_share : share of the token positions that a step sees.
    mask_rate, head_rate : Adam's learning rates; `harness.schedule` shapes them.
    start_mean, start_deviation : of the mask scores; above 0 is open.
    margin : epsilon of the triplet loss.
    triplet, classification, overlap : weights of the losses.
    """

    max_tokens: int = 96
    layers: int = 3
    steps: int = 200
    batch_texts: int = 32
    token_share: float = 0.5
    mask_rate: float = 3e-3
    head_rate: float = 1e-3
    start_mean: float = 0.02
    start_deviation: float = 0.005
    margin: float = 2.0
    triplet: float = 1.0
    classification: float = 1.0
    overlap: float = 1.0


class MaskedMethod(Method):
    """Binary masks over a frozen encoder, one set for each aspect, with linear heads.

    The total loss is `l_trp L_trp + l_cls L_cls + l_ovl L_ovl` (Zhang et al. 2021, section 3),
    where L_trp and L_cls are summed over the aspects.
    """

    kind: ClassVar[Kind]
    Settings = MaskSettings

    def fit(self, task: TrainingTask, backbone: Backbone, *, seed: int, progress: Progress) -> Self:
        settings = self.settings
        self._prepare(backbone, {a.name: len(a.classes) for a in task.aspects}, seed)
        prefixes = self._encoder.split.prefixes(task.train.texts, settings.max_tokens)
        batches = CellBatches(task.train, settings.batch_texts, seed=seed)
        random = np.random.default_rng(seed)
        optimiser = torch.optim.Adam(
            [
                {"params": self._encoder.scores, "lr": settings.mask_rate},
                {"params": self._heads.parameters(), "lr": settings.head_rate},
            ],
            fused=True,
        )
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda step: rate_factor(step, settings.steps)
        )
        for step in range(settings.steps):
            index, labels = batches.draw()
            batch = prefixes.batch(index)
            kept = kept_positions(batch.ids.shape[1], settings.token_share, random)
            loss = self._accumulate_gradients(batch.at(kept), labels)
            optimiser.step()
            optimiser.zero_grad()
            schedule.step()
            progress(step + 1, settings.steps, loss=loss)
        return self

    def _prepare(self, backbone: Backbone, aspects: dict[str, int], seed: int) -> None:
        self._backbone = backbone
        self._aspects = aspects
        self._encoder = MaskedEncoder(
            backbone,
            self.kind,
            layers=self.settings.layers,
            aspects=len(aspects),
            start=Start(self.settings.start_mean, self.settings.start_deviation),
            seed=seed,
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self._heads = nn.ModuleDict(
                {name: nn.Linear(backbone.width, classes) for name, classes in aspects.items()}
            )
        self._last: tuple[tuple[str, ...], Prefixes] | None = None

    def _accumulate_gradients(self, batch: PrefixBatch, labels: dict[str, Tensor]) -> float:
        """One backward pass for each aspect, so that only one graph is held at a time."""
        settings = self.settings
        total = 0.0
        for position, aspect in enumerate(self._aspects):
            vectors = self._encoder.vectors(batch, position)
            loss = settings.triplet * triplet_loss(
                vectors, labels, aspect, margin=settings.margin
            ) + settings.classification * classification_loss(
                self._heads[aspect](vectors), labels[aspect]
            )
            loss.backward()
            total += loss.item()
        if settings.overlap:
            overlap = settings.overlap * overlap_loss(self._encoder.layers)
            overlap.backward()
            total += overlap.item()
        return total

    def encode(self, texts: Sequence[str], aspect: str) -> Representation:
        if not hasattr(self, "_encoder"):
            raise UserError(f"{self.name} must be fitted or loaded before it can encode")
        if aspect not in self._aspects:
            raise UnknownNameError("aspect", aspect, self._aspects)
        position = list(self._aspects).index(aspect)
        return self._encoder.encode(self._prefixes(tuple(texts)), position)

    def _prefixes(self, texts: tuple[str, ...]) -> Prefixes:
        """The states below the masks, kept until other texts come: each aspect needs them."""
        if self._last is None or self._last[0] != texts:
            self._last = (texts, self._encoder.split.prefixes(texts, self.settings.max_tokens))
        return self._last[1]

    def save(self, folder: Path) -> None:
        tensors = {f"head.{name}": part for name, part in self._heads.state_dict().items()}
        for number, masked in enumerate(self._encoder.maps):
            bits = np.stack([scores.detach().numpy() > 0 for scores in masked.scores])
            packed = np.packbits(bits.reshape(len(bits), -1), axis=1)
            tensors[f"mask.{number}"] = torch.from_numpy(packed)
        write_artifact(
            folder,
            tensors,
            method=self.name,
            settings=self.settings,
            aspects=self._aspects,
            backbone=self._backbone,
        )

    def load(self, folder: Path, backbone: Backbone) -> Self:
        tensors, config = read_artifact(folder, method=self.name, backbone=backbone)
        self.settings = self.Settings(**config["settings"])
        self._prepare(backbone, config["aspects"], seed=0)
        self._heads.load_state_dict(
            {k.removeprefix("head."): v for k, v in tensors.items() if k.startswith("head.")}
        )
        for number, masked in enumerate(self._encoder.maps):
            packed = tensors[f"mask.{number}"].numpy()
            for scores, row in zip(masked.scores, packed, strict=True):
                bits = np.unpackbits(row, count=scores.numel()).reshape(scores.shape)
                with torch.no_grad():
                    scores.copy_(torch.from_numpy(bits.astype(np.float32)) - 0.5)
        return self

    @property
    def trainable_parameters(self) -> int:
        heads = sum(p.numel() for p in self._heads.parameters())
        return heads + sum(scores.numel() for scores in self._encoder.scores)

    def scores(self) -> list[Score]:
        density = self._encoder.density()
        return [
            Score("mask_density", share, representation=aspect)
            for aspect, share in zip(self._aspects, density, strict=True)
        ]

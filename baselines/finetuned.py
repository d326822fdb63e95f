"""The method `finetuned`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from data.errors import UnknownNameError, UserError
from data.rows import IntArray, TrainingTask
from data.triplets import TripletTask
from harness.contract.method import Method, Representation
from harness.encoders.backbones import Backbone
from harness.encoders.device import seeded
from harness.encoders.encoding import (
    encode_batches,
    in_order,
    kept_positions,
    length_parts,
    mean_pool,
    tokenise,
)
from harness.encoders.layer_cut import states_at
from harness.encoders.precision import autocast
from harness.encoders.split_batches import SplitBatches
from harness.store.artifacts import read_artifact, reading, write_artifact
from harness.system.progress import Progress
from harness.training.batches import CellBatches, TripletBatches
from harness.training.objectives import classification_loss, explicit_triplet_loss, triplet_loss
from harness.training.schedule import rate_factor


@dataclass(frozen=True)
class FinetunedSettings:
    """Settings of a trained encoder; see docs/hyperparameters.md for how they were chosen.

    Attributes
    ----------
    max_tokens : texts are cut to this many tokens.
    steps : training steps.
    batch_texts : texts a step, spread evenly over the cells.
    token_share : share of the token positions that a step sees; the others are left out.
    encoder_rate, map_rate : AdamW's learning rates; `harness.training.schedule` shapes them.
    weight_decay : of AdamW.
    clip : largest norm of the gradient.
    margin : epsilon of the triplet loss.
    triplet, classification : weights of the losses.
    """

    max_tokens: int = 96
    steps: int = 200
    batch_texts: int = 32
    token_share: float = 0.5
    encoder_rate: float = 5e-5
    map_rate: float = 1e-3
    weight_decay: float = 0.01
    clip: float = 1.0
    margin: float = 2.0
    triplet: float = 1.0
    classification: float = 1.0


class Finetuned(Method):
    """The whole encoder trained, with a linear map for each aspect. Source: Zhang et al. 2021.

    One encoder serves all aspects: `z_a = A_a mean(h)`, with every weight trained on the losses of
    the masks without their overlap, `l_trp L_trp + l_cls L_cls`. The maps start as the identity.
    From triplets without labels it learns by `l_trp L_trp` alone.
    """

    name = "finetuned"
    kinds: ClassVar[tuple[str, ...]] = ("aspects", "triplets")
    kind_settings = {
        "triplets": {"steps": 100, "batch_texts": 48, "token_share": 1.0, "margin": 0.5}
    }
    Settings = FinetunedSettings
    profiles = {"smoke": {"steps": 3, "batch_texts": 8}, "quick": {"steps": 60}}

    def fit(
        self,
        task: TrainingTask | TripletTask,
        backbone: Backbone,
        *,
        seed: int,
        progress: Progress,
    ) -> Self:
        settings = self.settings
        self._prepare(backbone, {a.name: len(a.classes) for a in task.aspects}, seed)
        tokens = tokenise(backbone, task.train.texts, settings.max_tokens)
        batches = _batches(task, settings.batch_texts, seed)
        random = np.random.default_rng(seed)
        trained = [*self._encoder.parameters(), *self._parts.parameters()]
        optimiser = torch.optim.AdamW(
            [
                {"params": self._encoder.parameters(), "lr": settings.encoder_rate},
                {"params": self._parts.parameters(), "lr": settings.map_rate},
            ],
            weight_decay=settings.weight_decay,
            fused=True,
        )
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda step: rate_factor(step, settings.steps)
        )
        self._encoder.requires_grad_(True)
        split_batches = SplitBatches()
        for step in range(settings.steps):
            index, labels = batches.draw()
            ids, mask = tokens.batch(index)
            positions = kept_positions(ids.shape[1], settings.token_share, random)
            kept = torch.from_numpy(positions).to(ids.device)
            loss = split_batches.attempt(
                partial(self._accumulate_gradients, split_batches, ids, mask, kept, labels, step),
                optimiser.zero_grad,
            )
            nn.utils.clip_grad_norm_(trained, settings.clip)
            optimiser.step()
            optimiser.zero_grad()
            schedule.step()
            progress(step + 1, settings.steps, loss=loss)
        self._encoder.requires_grad_(False)
        return self

    def _accumulate_gradients(
        self,
        split_batches: SplitBatches,
        ids: Tensor,
        mask: Tensor,
        kept: Tensor,
        labels: dict[str, Tensor],
        step: int,
    ) -> float:
        """The loss of a batch that sees the token positions `kept`, after its backward pass."""

        def forward(rows: slice) -> Tensor:
            texts, there = ids[rows], mask[rows]
            parts = length_parts(there[:, kept])
            vectors = []
            for part, columns in parts:
                seen = kept[:columns]
                with autocast():
                    hidden = states_at(self._encoder, texts[part], there[part], seen)
                vectors.append(mean_pool(hidden, there[part][:, seen]))
            return in_order(vectors, [part for part, _ in parts])

        pooled = split_batches.rows(len(ids), forward)
        loss = sum(
            (
                self._aspect_loss(aspect, self._maps[aspect](pooled), labels, step)
                for aspect in self._aspects
            ),
            torch.zeros(()),
        )
        loss.backward()  # type: ignore[no-untyped-call]
        return float(loss.item())

    def _prepare(self, backbone: Backbone, aspects: dict[str, int], seed: int) -> None:
        self._backbone = backbone
        self._aspects = aspects
        self._encoder = backbone.copy_model()
        with seeded(seed):
            self._parts = nn.ModuleDict(self._build_parts(backbone.width)).to(backbone.device)
        self._last: tuple[tuple[str, ...], NDArray[np.float32]] | None = None

    def _build_parts(self, width: int) -> dict[str, nn.Module]:
        """The trained modules beside the encoder: maps and heads."""
        maps = {name: nn.Linear(width, width) for name in self._aspects}
        for linear in maps.values():
            nn.init.eye_(linear.weight)
            nn.init.zeros_(linear.bias)
        heads = {n: nn.Linear(width, classes) for n, classes in self._aspects.items() if classes}
        return {"maps": nn.ModuleDict(maps), "heads": nn.ModuleDict(heads)}

    @property
    def _maps(self) -> nn.ModuleDict:
        maps = self._parts["maps"]
        assert isinstance(maps, nn.ModuleDict)
        return maps

    @property
    def _heads(self) -> nn.ModuleDict:
        heads = self._parts["heads"]
        assert isinstance(heads, nn.ModuleDict)
        return heads

    def _aspect_loss(
        self, aspect: str, vectors: Tensor, labels: dict[str, Tensor], step: int
    ) -> Tensor:
        """The loss of one aspect's representation, [rows, width]; no labels mean triplets."""
        settings = self.settings
        if not labels:
            z0, z1, z2 = vectors.chunk(3)
            near, far = (z1, z2) if aspect == next(iter(self._aspects)) else (z2, z1)
            told: Tensor = explicit_triplet_loss(z0, near, far, margin=settings.margin)
            return told * float(settings.triplet)
        triplet = triplet_loss(vectors, labels, aspect, margin=settings.margin)
        classified = classification_loss(self._heads[aspect](vectors), labels[aspect])
        total: Tensor = settings.triplet * triplet + settings.classification * classified
        return total

    def _pooled(self, ids: Tensor, mask: Tensor) -> Tensor:
        """float32 [texts, width]: mean of the last token vectors."""
        with autocast():
            hidden = self._encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return mean_pool(hidden, mask)

    def encode(self, texts: Sequence[str], aspect: str) -> Representation:
        if not hasattr(self, "_encoder"):
            raise UserError(f"{self.name} must be fitted or loaded before it can encode")
        if aspect not in self._aspects:
            raise UnknownNameError("aspect", aspect, self._aspects)
        with torch.inference_mode():
            mapped: Tensor = self._maps[aspect](self._on_device(tuple(texts)))
        return mapped.cpu().numpy().astype(np.float32)

    def _on_device(self, texts: tuple[str, ...]) -> Tensor:
        """The vectors of `_shared`, where the maps lie."""
        return torch.from_numpy(self._shared(texts)).to(self._backbone.device)

    def _shared(self, texts: tuple[str, ...]) -> NDArray[np.float32]:
        """Pooled vectors below the maps, kept until other texts come: each aspect needs them."""
        if self._last is None or self._last[0] != texts:
            tokens = tokenise(self._backbone, texts, self.settings.max_tokens)
            vectors = encode_batches(
                tokens, self._backbone.width, lambda index: self._pooled(*tokens.batch(index))
            )
            self._last = (texts, vectors)
        return self._last[1]

    def save(self, folder: Path) -> None:
        parts = {f"parts.{k}": v for k, v in self._parts.state_dict().items()}
        encoder = {f"encoder.{k}": v for k, v in self._encoder.state_dict().items()}
        write_artifact(
            folder,
            {**parts, **encoder},
            method=self.name,
            settings=self.settings,
            aspects=self._aspects,
            backbone=self._backbone,
        )

    def load(self, folder: Path, backbone: Backbone) -> Self:
        tensors, config = read_artifact(folder, method=self.name, backbone=backbone)
        with reading(folder):
            self.settings = self.Settings(**config["settings"])
            self._prepare(backbone, config["aspects"], seed=0)
            for prefix, module in (("parts.", self._parts), ("encoder.", self._encoder)):
                module.load_state_dict(
                    {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
                )
        return self

    @property
    def trainable_parameters(self) -> int:
        trained = [*self._encoder.parameters(), *self._parts.parameters()]
        return sum(p.numel() for p in trained)


class _Triplets:
    """Batches of triplets, as those of labelled rows but without labels."""

    def __init__(self, batches: TripletBatches) -> None:
        self._batches = batches

    def draw(self) -> tuple[IntArray, dict[str, Tensor]]:
        return self._batches.draw(), {}


def _batches(task: TrainingTask | TripletTask, size: int, seed: int) -> CellBatches | _Triplets:
    if isinstance(task, TripletTask):
        return _Triplets(TripletBatches(len(task.train), size, seed=seed))
    return CellBatches(task.train, size, seed=seed)

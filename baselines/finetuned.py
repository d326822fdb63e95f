"""The method `finetuned`, and its upper bound `oracle-finetuned`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from harness.contract.method import Representation
from harness.contract.search import Range, Space
from harness.contract.stored import StoredMethod
from harness.encoders.device import seeded
from harness.encoders.encoding import (
    in_order,
    kept_positions,
    length_parts,
    mean_pool,
    mean_vectors,
    tokenise,
)
from harness.encoders.layer_cut import states_at
from harness.encoders.plain_encoder import Affine, PlainEncoder
from harness.encoders.precision import autocast
from harness.encoders.split_batches import SplitBatches
from harness.system.progress import Progress
from harness.training.settings import MARGIN_SEARCH, TRAINED_SEARCH, TrainedSettings
from harness.training.sources import source_of
from harness.training.steps import run_steps


@dataclass(frozen=True)
class FinetunedSettings(TrainedSettings):
    """Beside those of every trained encoder: AdamW's.

    Attributes
    ----------
    encoder_rate, map_rate : learning rates; `harness.training.schedule` shapes them.
    weight_decay : of all weights.
    """

    encoder_rate: float = 5e-5
    map_rate: float = 1e-3
    weight_decay: float = 0.01


ENCODER_SEARCH: Mapping[str, Space] = {
    "encoder_rate": Range(1e-5, 2e-4, "log"),
    "map_rate": Range(3e-4, 1e-2, "log"),
    "weight_decay": Range(1e-3, 0.3, "log"),
}
"""Where `tune` looks for AdamW's settings."""


class Finetuned(StoredMethod):
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
    search = {
        **TRAINED_SEARCH,
        **MARGIN_SEARCH,
        **ENCODER_SEARCH,
    }
    profiles = {"smoke": {"steps": 3, "batch_texts": 8}, "quick": {"steps": 60}}

    def learn(self, task: Any, *, seed: int, progress: Progress) -> None:
        settings = self.settings
        self._prepare(seed)
        tokens = tokenise(self.backbone, task.train.texts, settings.max_tokens)
        self._source = source_of(task, settings, seed=seed)
        random = np.random.default_rng(seed)
        optimiser = torch.optim.AdamW(
            [
                {"params": self._encoder.parameters(), "lr": settings.encoder_rate},
                {"params": self._parts.parameters(), "lr": settings.map_rate},
            ],
            weight_decay=settings.weight_decay,
            fused=True,
        )
        split_batches = SplitBatches()

        def backward(step: int) -> float:
            ids, mask = tokens.batch(self._source.draw())
            positions = kept_positions(ids.shape[1], settings.token_share, random)
            kept = torch.from_numpy(positions).to(ids.device)
            return split_batches.attempt(
                partial(self._accumulate_gradients, split_batches, ids, mask, kept, step),
                optimiser.zero_grad,
            )

        self._encoder.requires_grad_(True)
        run_steps(optimiser, settings.steps, backward, clip=settings.clip, progress=progress)
        self._encoder.requires_grad_(False)

    def _accumulate_gradients(
        self, split_batches: SplitBatches, ids: Tensor, mask: Tensor, kept: Tensor, step: int
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
                self._aspect_loss(aspect, self._maps[aspect](pooled), step)
                for aspect in self.aspects
            ),
            torch.zeros(()),
        )
        loss.backward()  # type: ignore[no-untyped-call]
        return float(loss.item())

    def _prepare(self, seed: int) -> None:
        self._encoder = self.backbone.copy_model()
        with seeded(seed):
            parts = self._build_parts(self.backbone.width)
        self._parts = nn.ModuleDict(parts).to(self.backbone.device)
        self._maps, self.heads = parts["maps"], parts["heads"]

    def _build_parts(self, width: int) -> dict[str, nn.ModuleDict]:
        """The trained modules beside the encoder: maps and heads."""
        maps = {name: nn.Linear(width, width) for name in self.aspects}
        for linear in maps.values():
            nn.init.eye_(linear.weight)
            nn.init.zeros_(linear.bias)
        heads = {n: nn.Linear(width, classes) for n, classes in self.aspects.items() if classes}
        return {"maps": nn.ModuleDict(maps), "heads": nn.ModuleDict(heads)}

    def _aspect_loss(self, aspect: str, vectors: Tensor, step: int) -> Tensor:
        """The loss of one aspect's representation of the source's batch, [rows, width]."""
        head = self.heads[aspect] if aspect in self.heads else None  # noqa: SIM401
        return self._source.loss(aspect, vectors, head)

    def represent(self, texts: tuple[str, ...], aspect: str) -> Representation:
        with torch.inference_mode():
            mapped: Tensor = self._maps[aspect](self._on_device(texts))
        return mapped.cpu().numpy().astype(np.float32)

    def plain_encoder(self, aspect: str) -> PlainEncoder:
        self.place_of(aspect)
        limit, behind = self.settings.max_tokens, self.affine(aspect)
        return PlainEncoder(self.backbone, self._encoder, limit, behind)

    def affine(self, aspect: str) -> Affine:
        """What stands behind the encoder's vectors for an aspect."""
        state = self._maps[aspect].state_dict()
        weight, bias = (state[part].cpu().numpy() for part in ("weight", "bias"))
        return Affine(weight, bias)

    def _on_device(self, texts: tuple[str, ...]) -> Tensor:
        """Pooled vectors below the maps, where those lie, float32 [n, width]."""
        trained = replace(self.backbone, model=self._encoder)
        limit = self.settings.max_tokens
        vectors = self.kept_for(texts, lambda: mean_vectors(trained, texts, limit))
        return torch.from_numpy(vectors).to(self.backbone.device)

    def learned(self) -> Mapping[str, nn.Module | Tensor]:
        return {"encoder": self._encoder, "parts": self._parts}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        self._prepare(seed=0)


class OracleFinetuned(Finetuned):
    """The encoder finetuned on balanced rows, an upper bound. Source: Zhang et al. 2021.

    What `finetuned` could reach if aspects did not go together in the training rows.
    """

    name = "oracle-finetuned"
    kinds: ClassVar[tuple[str, ...]] = ("aspects",)
    balanced_training = True

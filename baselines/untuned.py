"""The method `untuned`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

import torch

from data.errors import UnknownNameError, UserError
from data.rows import IntArray, TrainingTask
from data.triplets import TripletTask
from harness.contract.method import Method, Representation
from harness.encoders.backbones import Backbone
from harness.encoders.encoding import encode_batches, mean_pool, tokenise
from harness.encoders.precision import autocast
from harness.store.artifacts import read_artifact, write_artifact
from harness.system.progress import Progress


class Untuned(Method):
    """The frozen encoder as it is: one representation for all aspects. Source: the backbone.

    The representation is the mean of the last layer's token vectors.
    """

    name = "untuned"
    kinds: ClassVar[tuple[str, ...]] = ("aspects", "triplets")

    @dataclass(frozen=True)
    class Settings:
        """`max_tokens`: texts are cut to this many tokens."""

        max_tokens: int = 96

    def fit(
        self,
        task: TrainingTask | TripletTask,
        backbone: Backbone,
        *,
        seed: int,
        progress: Progress,
    ) -> Self:
        self._remember(backbone, {a.name: len(a.classes) for a in task.aspects})
        progress(1, 1)
        return self

    def _remember(self, backbone: Backbone, aspects: dict[str, int]) -> None:
        self._backbone = backbone
        self._aspects = aspects
        self._last: tuple[tuple[str, ...], Representation] | None = None

    def encode(self, texts: Sequence[str], aspect: str) -> Representation:
        if not hasattr(self, "_backbone"):
            raise UserError(f"{self.name} must be fitted or loaded before it can encode")
        if aspect not in self._aspects:
            raise UnknownNameError("aspect", aspect, self._aspects)
        if self._last is None or self._last[0] != tuple(texts):
            self._last = (tuple(texts), self._vectors(texts))
        return self._last[1].copy()

    def _vectors(self, texts: Sequence[str]) -> Representation:
        tokens = tokenise(self._backbone, texts, self.settings.max_tokens)

        def forward(index: IntArray) -> torch.Tensor:
            ids, mask = tokens.batch(index)
            with autocast():
                hidden = self._backbone.model(input_ids=ids, attention_mask=mask)
            return mean_pool(hidden.last_hidden_state, mask)

        return encode_batches(tokens, self._backbone.width, forward)

    def save(self, folder: Path) -> None:
        write_artifact(
            folder,
            {},
            method=self.name,
            settings=self.settings,
            aspects=self._aspects,
            backbone=self._backbone,
        )

    def load(self, folder: Path, backbone: Backbone) -> Self:
        _, config = read_artifact(folder, method=self.name, backbone=backbone)
        self.settings = self.Settings(**config["settings"])
        self._remember(backbone, config["aspects"])
        return self

    @property
    def trainable_parameters(self) -> int:
        return 0

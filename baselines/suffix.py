"""What adapters and sparse differences share: each aspect changes the last layers its own way."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from data.errors import UserError
from data.rows import TrainingTask
from harness.contract.method import Representation
from harness.contract.stored import StoredMethod
from harness.encoders.backbones import Backbone
from harness.encoders.device import seeded
from harness.encoders.encoding import kept_positions
from harness.encoders.layer_cut import layers_of
from harness.encoders.plain_encoder import PlainEncoder
from harness.encoders.split_encoder import PrefixBatch
from harness.system.progress import Progress
from harness.training import changed_layers
from harness.training.batches import CellBatches
from harness.training.changed_layers import ChangedLinear, heads_of, linear_maps, replace_map
from harness.training.settings import TrainedSettings
from harness.training.sources import labelled_loss
from harness.training.steps import run_steps


@dataclass(frozen=True)
class SuffixSettings(TrainedSettings):
    """Settings of a frozen encoder whose last layers are changed for each aspect.

    Attributes
    ----------
    layers : how many of the last layers are changed.
    head_rate : Adam's learning rate for heads; `harness.training.schedule` shapes all rates.
    """

    layers: int = 3
    head_rate: float = 1e-3


Change = Callable[[str, nn.Linear], ChangedLinear | None]
"""From a map's dotted name within its layer and the map to what replaces it, or None."""


class ChangedLayers(changed_layers.ChangedLayers[ChangedLinear]):
    """An encoder in whose last layers some linear maps are replaced.

    Parameters
    ----------
    layers : how many of the last layers; a shallow encoder is changed from its first layer on.
    change : what becomes of each linear map of these layers.

    Raises
    ------
    UserError : no linear map of these layers is replaced.
    """

    def __init__(self, backbone: Backbone, layers: int, change: Change) -> None:
        super().__init__(backbone, max(len(layers_of(backbone.model)) - layers, 0))
        self.maps = []
        for layer in self.split.layers:
            for path, linear in linear_maps(layer):
                changed = change(path, linear)
                if changed is not None:
                    replace_map(layer, path, changed.to(backbone.device))
                    self.maps.append(changed)
        if not self.maps:
            raise UserError(f"{backbone.name} has no linear map to change; name another backbone")


class SuffixMethod(StoredMethod):
    """A frozen encoder with one set of learned numbers for each aspect in its last layers.

    A subclass says what replaces a linear map, at what rates its numbers are learned, and how they
    are stored.
    """

    Settings = SuffixSettings

    def learn(self, task: TrainingTask, *, seed: int, progress: Progress) -> None:
        self._prepare(seed)
        with seeded(seed):
            self._train(task, seed, progress)
        self._layers.freeze()

    def _prepare(self, seed: int) -> None:
        with seeded(seed):
            self._heads = heads_of(self.backbone, self.aspects)
            self._layers = ChangedLayers(self.backbone, self.settings.layers, self._change)

    @abstractmethod
    def _change(self, path: str, linear: nn.Linear) -> ChangedLinear | None:
        """What replaces a linear map, see `Change`."""

    @abstractmethod
    def _groups(self) -> list[dict[str, Any]]:
        """Adam's parameter groups of everything but the heads."""

    def _generators(self) -> Sequence[torch.Generator]:
        """What a training pass draws random numbers from, beside torch's own."""
        return ()

    @abstractmethod
    def _restore(self, stored: Mapping[str, Tensor]) -> None:
        """Take over what `extras` gave."""

    def _train(self, task: TrainingTask, seed: int, progress: Progress) -> None:
        settings = self.settings
        prefixes = self._layers.split.prefixes(task.train.texts, settings.max_tokens)
        batches = CellBatches(task.train, settings.batch_texts, seed=seed)
        random = np.random.default_rng(seed)
        heads = {"params": list(self._heads.parameters()), "lr": settings.head_rate}
        optimiser = torch.optim.Adam([heads, *self._groups()], fused=True)

        def backward(step: int) -> float:
            index, labels = batches.draw()
            width = max(len(prefixes.tokens.ids[i]) for i in index)
            positions = kept_positions(width, settings.token_share, random)
            return self._layers.split.split_batches.attempt(
                partial(self._accumulate_gradients, prefixes.batch(index).at(positions), labels),
                optimiser.zero_grad,
                generators=self._generators(),
            )

        run_steps(optimiser, settings.steps, backward, clip=settings.clip, progress=progress)

    def _accumulate_gradients(self, batch: PrefixBatch, labels: dict[str, Tensor]) -> float:
        """One backward pass for each aspect, so that only one graph is held at a time."""
        total = 0.0
        for position, aspect in enumerate(self.aspects):
            loss = self._aspect_loss(aspect, self._layers.vectors(batch, position), labels)
            loss.backward()  # type: ignore[no-untyped-call]
            total += loss.item()
        return total

    def _aspect_loss(self, aspect: str, vectors: Tensor, labels: dict[str, Tensor]) -> Tensor:
        """The loss of one aspect's vectors, [rows, width]."""
        return labelled_loss(aspect, vectors, labels, self._heads[aspect], self.settings)

    def represent(self, texts: tuple[str, ...], aspect: str) -> Representation:
        limit, split = self.settings.max_tokens, self._layers.split
        prefixes = self.kept_for(texts, lambda: split.prefixes(texts, limit))
        return self._layers.encode(prefixes, self.place_of(aspect))

    def plain_encoder(self, aspect: str) -> PlainEncoder:
        model = self._layers.plain_model(self.place_of(aspect))
        return PlainEncoder(self.backbone, model, self.settings.max_tokens)

    def learned(self) -> Mapping[str, nn.Module]:
        return {"head": self._heads}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        self._prepare(seed=0)
        self._restore(tensors)
        self._layers.freeze()

    @property
    def trainable_parameters(self) -> int:
        changes = (p for changed in self._layers.maps for p in changed.parameters())
        return super().trainable_parameters + sum(p.numel() for p in changes)

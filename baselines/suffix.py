"""What adapters and sparse differences share: each aspect changes the last layers in its own way.

The encoder stays frozen. Hidden states below the changed layers are stored once a text, and the
layers above run once for each aspect.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from data.errors import UnknownNameError, UserError
from data.rows import TrainingTask
from harness.contract.method import Method, Representation
from harness.encoders.backbones import Backbone
from harness.encoders.device import seeded
from harness.encoders.encoding import encode_batches, kept_positions
from harness.encoders.layer_cut import layers_of
from harness.encoders.split_encoder import PrefixBatch, Prefixes, SplitEncoder
from harness.store.artifacts import read_artifact, reading, write_artifact
from harness.system.progress import Progress
from harness.training.batches import CellBatches
from harness.training.objectives import classification_loss, triplet_loss
from harness.training.schedule import rate_factor


@dataclass(frozen=True)
class SuffixSettings:
    """Settings of a frozen encoder whose last layers are changed for each aspect.

    Attributes
    ----------
    max_tokens : texts are cut to this many tokens.
    layers : how many of the last layers are changed.
    steps : training steps; with 0 the encoder stays as it is.
    batch_texts : texts a step, spread evenly over the cells.
    token_share : share of the token positions that a step sees.
    head_rate : Adam's learning rate for heads; `harness.training.schedule` shapes it and every
        other.
    clip : largest norm of the gradient of everything that is learned.
    margin : epsilon of the triplet loss.
    triplet, classification : weights of the losses.
    """

    max_tokens: int = 96
    layers: int = 3
    steps: int = 200
    batch_texts: int = 32
    token_share: float = 0.5
    head_rate: float = 1e-3
    clip: float = 1.0
    margin: float = 2.0
    triplet: float = 1.0
    classification: float = 1.0


class ChangedLinear(nn.Module, ABC):
    """A frozen linear map and what each aspect makes of it.

    Parameters
    ----------
    linear : the map, weight [out, in]; its tensors are shared, and no longer parameters.
    """

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.weight = linear.weight.detach()
        self.bias = None if linear.bias is None else linear.bias.detach()
        self._active = 0

    def wear(self, aspect: int) -> None:
        """Compute for this aspect until told otherwise."""
        self._active = aspect

    @abstractmethod
    def settle(self) -> None:
        """End the training: what was learned takes the values with which it is stored."""

    @abstractmethod
    def forward(self, hidden: Tensor) -> Tensor:
        """From [texts, tokens, in] to [texts, tokens, out], for the aspect worn."""


Change = Callable[[str, nn.Linear], ChangedLinear | None]
"""From a map's dotted name within its layer and the map to what replaces it, or None."""


class ChangedLayers:
    """An encoder in whose last layers some linear maps are replaced.

    Parameters
    ----------
    backbone : left as it is; the changed layers are copies.
    layers : how many of the last layers; a shallow encoder is changed from its first layer on.
    change : what becomes of each linear map of these layers.

    Raises
    ------
    UserError : no linear map of these layers is replaced.
    """

    def __init__(self, backbone: Backbone, layers: int, change: Change) -> None:
        self._width = backbone.width
        self.split = SplitEncoder(backbone, max(len(layers_of(backbone.model)) - layers, 0))
        self.maps: list[ChangedLinear] = []
        for layer in self.split.layers:
            for path, linear in list(layer.named_modules()):
                changed = change(path, linear) if isinstance(linear, nn.Linear) else None
                if changed is not None:
                    parent, _, attribute = path.rpartition(".")
                    setattr(layer.get_submodule(parent), attribute, changed.to(backbone.device))
                    self.maps.append(changed)
        if not self.maps:
            raise UserError(f"{backbone.name} has no linear map to change; name another backbone")

    def settle(self) -> None:
        """End the training of all maps."""
        for changed in self.maps:
            changed.settle()

    def vectors(self, batch: PrefixBatch, aspect: int) -> Tensor:
        """float32 [texts, width]: pooled vectors of a batch as one aspect changes them."""
        for changed in self.maps:
            changed.wear(aspect)
        return self.split.pooled(batch)

    def encode(self, prefixes: Prefixes, aspect: int) -> NDArray[np.float32]:
        """float32 [n, width]: pooled vectors of all texts, after `settle`."""
        return encode_batches(
            prefixes.tokens, self._width, lambda index: self.vectors(prefixes.batch(index), aspect)
        )


class SuffixMethod(Method):
    """A frozen encoder with one set of learned numbers for each aspect in its last layers.

    A subclass says what replaces a linear map, at what rates its numbers are learned, and how they
    are stored.
    """

    Settings = SuffixSettings

    def fit(self, task: TrainingTask, backbone: Backbone, *, seed: int, progress: Progress) -> Self:
        self._prepare(backbone, {a.name: len(a.classes) for a in task.aspects}, seed)
        with seeded(seed):
            self._train(task, seed, progress)
        self._layers.settle()
        return self

    def _prepare(self, backbone: Backbone, aspects: dict[str, int], seed: int) -> None:
        self._backbone = backbone
        self._aspects = aspects
        with seeded(seed):
            self._heads = nn.ModuleDict(
                {name: nn.Linear(backbone.width, classes) for name, classes in aspects.items()}
            ).to(backbone.device)
            self._layers = ChangedLayers(backbone, self.settings.layers, self._change)
        self._last: tuple[tuple[str, ...], Prefixes] | None = None

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
    def _stored(self) -> dict[str, Tensor]:
        """What an artifact holds beside the heads."""

    @abstractmethod
    def _restore(self, stored: Mapping[str, Tensor]) -> None:
        """Take over what `_stored` gave; KeyError, ValueError or RuntimeError where it is odd."""

    def _train(self, task: TrainingTask, seed: int, progress: Progress) -> None:
        settings = self.settings
        prefixes = self._layers.split.prefixes(task.train.texts, settings.max_tokens)
        batches = CellBatches(task.train, settings.batch_texts, seed=seed)
        random = np.random.default_rng(seed)
        heads = {"params": list(self._heads.parameters()), "lr": settings.head_rate}
        optimiser = torch.optim.Adam([heads, *self._groups()], fused=True)
        learned = [p for group in optimiser.param_groups for p in group["params"]]
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda step: rate_factor(step, settings.steps)
        )
        for step in range(settings.steps):
            index, labels = batches.draw()
            width = max(len(prefixes.tokens.ids[i]) for i in index)
            positions = kept_positions(width, settings.token_share, random)
            batch = prefixes.batch(index).at(positions)
            total = self._layers.split.split_batches.attempt(
                partial(self._accumulate_gradients, batch, labels),
                optimiser.zero_grad,
                generators=self._generators(),
            )
            nn.utils.clip_grad_norm_(learned, settings.clip)
            optimiser.step()
            optimiser.zero_grad()
            schedule.step()
            progress(step + 1, settings.steps, loss=total)

    def _accumulate_gradients(self, batch: PrefixBatch, labels: dict[str, Tensor]) -> float:
        """One backward pass for each aspect, so that only one graph is held at a time."""
        total = 0.0
        for position, aspect in enumerate(self._aspects):
            loss = self._aspect_loss(aspect, self._layers.vectors(batch, position), labels)
            loss.backward()  # type: ignore[no-untyped-call]
            total += loss.item()
        return total

    def _aspect_loss(self, aspect: str, vectors: Tensor, labels: dict[str, Tensor]) -> Tensor:
        """`l_trp L_trp + l_cls L_cls` of one aspect's vectors, [rows, width]."""
        settings = self.settings
        triplet = triplet_loss(vectors, labels, aspect, margin=settings.margin)
        classified = classification_loss(self._heads[aspect](vectors), labels[aspect])
        total: Tensor = settings.triplet * triplet + settings.classification * classified
        return total

    def encode(self, texts: Sequence[str], aspect: str) -> Representation:
        if not hasattr(self, "_layers"):
            raise UserError(f"{self.name} must be fitted or loaded before it can encode")
        if aspect not in self._aspects:
            raise UnknownNameError("aspect", aspect, self._aspects)
        position = list(self._aspects).index(aspect)
        return self._layers.encode(self._prefixes(tuple(texts)), position)

    def _prefixes(self, texts: tuple[str, ...]) -> Prefixes:
        """The states below the changed layers, kept until other texts come."""
        if self._last is None or self._last[0] != texts:
            self._last = (texts, self._layers.split.prefixes(texts, self.settings.max_tokens))
        return self._last[1]

    def save(self, folder: Path) -> None:
        heads = {f"head.{name}": part for name, part in self._heads.state_dict().items()}
        write_artifact(
            folder,
            {**heads, **self._stored()},
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
            heads = {k.removeprefix("head."): v for k, v in tensors.items() if k[:5] == "head."}
            self._heads.load_state_dict(heads)
            self._restore({k: v for k, v in tensors.items() if k[:5] != "head."})
        self._layers.settle()
        return self

    @property
    def trainable_parameters(self) -> int:
        learned = [
            *self._heads.parameters(),
            *(p for m in self._layers.maps for p in m.parameters()),
        ]
        return sum(p.numel() for p in learned)

"""A pretrained encoder whose last layers are trained, above a frozen prefix that aspects share."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from harness.encoders.architectures import without_sharing
from harness.encoders.backbones import Backbone
from harness.encoders.layer_cut import layers_of
from harness.encoders.precision import autocast
from harness.encoders.split_encoder import PrefixBatch, SplitEncoder
from harness.training.changed_layers import AspectLayers

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class OwnLayers(AspectLayers):
    """Copies of the layers from the first one on, one for each aspect or one for all.

    Each aspect has a linear map behind them, at first the identity.

    Parameters
    ----------
    first : position of the first layer that is trained; with 0 the embeddings are the prefix.
    aspects : number of aspects.
    shared : whether all have the same layers.

    Attributes
    ----------
    layers : for each copy its layers, float32.
    maps : for each aspect the map behind them.
    """

    def __init__(self, backbone: Backbone, first: int, *, aspects: int, shared: bool) -> None:
        self.backbone = backbone
        self.split = trained_suffix(backbone, first)
        copies = [self.split, *(copied(self.split) for _ in range(0 if shared else aspects - 1))]
        self._copies = copies * aspects if shared else copies
        self.layers = nn.ModuleList(each.layers for each in copies)
        self.maps = nn.ModuleList(nn.Linear(backbone.width, backbone.width) for _ in range(aspects))
        for linear in self.maps:
            nn.init.eye_(linear.weight)  # type: ignore[arg-type]
            nn.init.zeros_(linear.bias)  # type: ignore[arg-type]
        self.maps.to(backbone.device)

    def freeze(self) -> None:
        """What is trained is what is stored."""

    def thaw(self) -> None:
        """As `freeze`."""

    def vectors(self, batch: PrefixBatch, aspect: int) -> Tensor:
        started = PrefixBatch(batch.ids, batch.mask, batch.states.float())
        with autocast():
            pooled = self._copies[aspect].pooled(started)
        mapped: Tensor = self.maps[aspect](pooled)
        return mapped

    def plain_model(self, aspect: int) -> PreTrainedModel:
        return whole_model(self._copies[aspect])


def trained_suffix(backbone: Backbone, first: int) -> SplitEncoder:
    """An encoder cut below a layer, whose layers from there on are float32 and trained.

    Small steps would be lost in bfloat16 weights; products are cast where that pays.
    """
    split = SplitEncoder(backbone, first)
    nn.Module.float(split.suffix)
    split.layers.requires_grad_(True)
    return split


def copied(split: SplitEncoder) -> SplitEncoder:
    """The same prefix with a copy of the layers above it."""
    other = copy.copy(split)
    known: dict[int, Any] = {}
    other.suffix = copy.deepcopy(split.suffix, known)
    other.layers = nn.ModuleList(known[id(layer)] for layer in split.layers)
    return other


def whole_model(split: SplitEncoder) -> PreTrainedModel:
    """A copy of the backbone's encoder with the layers of a suffix, float32."""
    model = split.backbone.copy_model()
    without_sharing(model)
    for plain, own in zip(layers_of(model)[split.first :], split.layers, strict=True):
        plain.load_state_dict(own.state_dict())
    return model

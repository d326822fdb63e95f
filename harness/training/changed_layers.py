"""A frozen encoder in whose layers each aspect changes some linear maps in its own way.

Hidden states below the changed layers are stored once a text, and the layers above run once for
each aspect.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from harness.encoders.architectures import as_linear
from harness.encoders.backbones import Backbone
from harness.encoders.encoding import encode_batches
from harness.encoders.layer_cut import layers_of
from harness.encoders.split_encoder import PrefixBatch, Prefixes, SplitEncoder

if TYPE_CHECKING:
    from transformers import PreTrainedModel


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

    def activate(self, aspect: int) -> None:
        """Compute for this aspect from now on."""
        self._active = aspect

    @abstractmethod
    def freeze(self) -> None:
        """End the training: take the values that are stored, for passes without gradients."""

    @abstractmethod
    def forward(self, hidden: Tensor) -> Tensor:
        """From [texts, tokens, in] to [texts, tokens, out], for the active aspect."""

    @abstractmethod
    def plain(self, original: nn.Module, aspect: int) -> nn.Module:
        """What does the same for one aspect without this package, in float32.

        Parameters
        ----------
        original : the map in a copy of the backbone, to be changed or wrapped.
        """


Changed = TypeVar("Changed", bound=ChangedLinear)


class ChangedLayers(Generic[Changed]):
    """An encoder in which a subclass replaces linear maps of the layers from the first one on.

    Parameters
    ----------
    backbone : left as it is; the layers are copies in the type of `harness.encoders.precision`.
    first : position of the first layer that is not run once a text only.
    """

    maps: list[Changed]
    """All replaced maps, the lowest layer first."""

    def __init__(self, backbone: Backbone, first: int) -> None:
        self.backbone = backbone
        self.split = SplitEncoder(backbone, first)

    def freeze(self) -> None:
        """End the training of all maps."""
        for changed in self.maps:
            changed.freeze()

    def vectors(self, batch: PrefixBatch, aspect: int) -> Tensor:
        """float32 [texts, width]: pooled vectors of a batch as one aspect changes them."""
        for changed in self.maps:
            changed.activate(aspect)
        return self.split.pooled(batch)

    def plain_model(self, aspect: int) -> PreTrainedModel:
        """A copy of the backbone's encoder, float32, changed as one aspect changes it."""
        model = self.backbone.copy_model()
        whole = layers_of(model)
        for number, layer in enumerate(self.split.layers, start=self.split.first):
            for path, changed in layer.named_modules():
                if isinstance(changed, ChangedLinear):
                    original = whole[number].get_submodule(path)
                    replace_map(whole[number], path, changed.plain(original, aspect))
        return model

    def encode(self, prefixes: Prefixes, aspect: int) -> NDArray[np.float32]:
        """float32 [n, width]: pooled vectors of all texts, after `freeze`."""
        width = self.backbone.width
        return encode_batches(
            prefixes.tokens, width, lambda index: self.vectors(prefixes.batch(index), aspect)
        )


def linear_maps(layer: nn.Module) -> Iterator[tuple[str, nn.Linear]]:
    """The linear maps of a layer with their dotted names; they may be replaced meanwhile.

    A `Conv1D` is given as the linear map that it is.
    """
    for path, module in list(layer.named_modules()):
        if (linear := as_linear(module)) is not None:
            yield path, linear


def replace_map(layer: nn.Module, path: str, changed: nn.Module) -> None:
    """Put a module where the linear map of that dotted name was."""
    parent, _, attribute = path.rpartition(".")
    setattr(layer.get_submodule(parent), attribute, changed)


def heads_of(backbone: Backbone, aspects: Mapping[str, int]) -> nn.ModuleDict:
    """A linear classifier for each aspect that has labels, drawn from torch's generator."""
    heads = {name: nn.Linear(backbone.width, n) for name, n in aspects.items() if n}
    return nn.ModuleDict(heads).to(backbone.device)

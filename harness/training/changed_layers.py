"""A frozen encoder in whose layers each aspect changes some linear maps in its own way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from data.errors import UserError
from harness.encoders.architectures import as_linear
from harness.encoders.backbones import Backbone
from harness.encoders.encoding import encode_batches
from harness.encoders.layer_cut import layers_of
from harness.encoders.split_encoder import PrefixBatch, Prefixes, SplitEncoder

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class AspectLayers(ABC):
    """An encoder whose last layers compute for each aspect in its own way.

    Hidden states below them are stored once a text; the layers run once for each aspect.

    Attributes
    ----------
    backbone : left as it is.
    split : the frozen layers below, and a copy of those above.
    """

    backbone: Backbone
    split: SplitEncoder

    @abstractmethod
    def freeze(self) -> None:
        """Take the values that are stored, for passes without gradients."""

    @abstractmethod
    def thaw(self) -> None:
        """Go on training after `freeze`."""

    @abstractmethod
    def vectors(self, batch: PrefixBatch, aspect: int) -> Tensor:
        """float32 [texts, width]: vectors of a batch as one aspect has them."""

    @abstractmethod
    def plain_model(self, aspect: int) -> PreTrainedModel:
        """A copy of the backbone's encoder, float32, changed as one aspect changes it."""

    def encode(self, prefixes: Prefixes, aspect: int) -> NDArray[np.float32]:
        """float32 [n, width]: vectors of all texts, after `freeze`."""
        width = self.backbone.width
        return encode_batches(
            prefixes.tokens, width, lambda index: self.vectors(prefixes.batch(index), aspect)
        )


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
        """As `AspectLayers.freeze`."""

    def thaw(self) -> None:
        """As `AspectLayers.thaw`."""

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


@dataclass(frozen=True)
class Place(Generic[Changed]):
    """A changed map and where it came from.

    Attributes
    ----------
    layer : position of its transformer layer in the whole encoder.
    path : dotted name within that layer.
    """

    layer: int
    path: str
    changed: Changed


class ChangedLayers(AspectLayers, Generic[Changed]):
    """An encoder in which linear maps of some layers are replaced.

    Parameters
    ----------
    backbone : the layers are copies in the type of `harness.encoders.precision`.
    numbers : positions of these layers; those below the first run once a text only.
    change : from a map's dotted name within its layer and the map to what replaces it, or None.

    Raises
    ------
    UserError : no linear map of these layers is replaced.
    """

    def __init__(
        self,
        backbone: Backbone,
        numbers: range,
        change: Callable[[str, nn.Linear], Changed | None],
    ) -> None:
        self.backbone = backbone
        self.split = SplitEncoder(backbone, numbers.start)
        self.places: list[Place[Changed]] = []
        for number in numbers:
            layer = self.split.layers[number - numbers.start]
            for path, linear in linear_maps(layer):
                if (changed := change(path, linear)) is not None:
                    replace_map(layer, path, changed.to(backbone.device))
                    self.places.append(Place(number, path, changed))
        if not self.places:
            raise UserError(
                f"{backbone.name} has no linear map to change there; name other maps or another "
                "backbone"
            )
        self.maps = [place.changed for place in self.places]

    def freeze(self) -> None:
        for changed in self.maps:
            changed.freeze()

    def thaw(self) -> None:
        for changed in self.maps:
            changed.thaw()

    def vectors(self, batch: PrefixBatch, aspect: int) -> Tensor:
        for changed in self.maps:
            changed.activate(aspect)
        return self.split.pooled(batch)

    def plain_model(self, aspect: int) -> PreTrainedModel:
        model = self.backbone.copy_model()
        whole = layers_of(model)
        for place in self.places:
            layer = whole[place.layer]
            original = layer.get_submodule(place.path)
            replace_map(layer, place.path, place.changed.plain(original, aspect))
        return model


def last_layers(backbone: Backbone, count: int) -> range:
    """Positions of the last layers; all of a shallow encoder, and with a count of 0."""
    depth = len(layers_of(backbone.model))
    return range(max(depth - (count or depth), 0), depth)


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


def heads_of(backbone: Backbone, aspects: Mapping[str, int]) -> nn.ModuleList:
    """A linear classifier for each aspect, drawn from torch's generator; none without labels.

    They stand by place: torch takes no module by the name `type`, and none with a dot in it.
    """
    heads = [nn.Linear(backbone.width, classes) for classes in aspects.values() if classes]
    return nn.ModuleList(heads).to(backbone.device)

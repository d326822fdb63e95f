"""The method `finetuned`, and its upper bound `oracle-finetuned`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from torch import Tensor, nn

from harness.contract.search import Range, Space
from harness.encoders.plain_encoder import Affine, PlainEncoder
from harness.training.changed_layers import last_layers
from harness.training.own_layers import OwnLayers
from harness.training.settings import LAYER_SEARCH, MARGIN_SEARCH, TRAINED_SEARCH, TrainedSettings
from harness.training.trained_method import TrainedMethod


@dataclass(frozen=True)
class FinetunedSettings(TrainedSettings):
    """Beside those of every trained encoder: AdamW's, and whose the layers are.

    Attributes
    ----------
    shared : one encoder for all aspects, as published; otherwise each has layers of its own.
    encoder_rate, map_rate : learning rates; `harness.training.schedule` shapes them.
    weight_decay : of all weights.
    """

    shared: bool = False
    encoder_rate: float = 5e-5
    map_rate: float = 1e-3
    weight_decay: float = 0.01


ENCODER_SEARCH: Mapping[str, Space] = {
    **LAYER_SEARCH,
    "encoder_rate": Range(1e-5, 2e-4, "log"),
    "map_rate": Range(3e-4, 1e-2, "log"),
    "weight_decay": Range(1e-3, 0.3, "log"),
}
"""Where `tune` looks for AdamW's settings."""


class Finetuned(TrainedMethod):
    """The last layers trained for each aspect, with a linear map. Source: Zhang et al. 2021.

    `z_a = A_a mean(h_a)`, with the weights of the last layers trained on the losses of the masks
    without their overlap, `l_trp L_trp + l_cls L_cls`. The maps start as the identity. In the
    variant `shared` one encoder, trained in all its layers above the embeddings, serves all
    aspects, as published: behind an almost invertible map an aspect, whatever one representation
    tells the others tell too. From triplets without labels it learns by `l_trp L_trp` alone.
    """

    name = "finetuned"
    kinds: ClassVar[tuple[str, ...]] = ("aspects", "triplets")
    kind_settings = {"triplets": {"steps": 100, "token_share": 1.0, "margin": 0.5}}
    Settings = FinetunedSettings
    search = {**TRAINED_SEARCH, **MARGIN_SEARCH, **ENCODER_SEARCH}
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {"shared": {"shared": True, "layers": 0}}
    studies: ClassVar[Mapping[str, Mapping[str, int]]] = {"aspects": {"shared": 1}}
    _layers: OwnLayers

    def _build(self, seed: int) -> OwnLayers:
        first = last_layers(self.backbone, self.settings.layers).start
        shared = self.settings.shared
        return OwnLayers(self.backbone, first, aspects=len(self.aspects), shared=shared)

    def _groups(self) -> list[dict[str, Any]]:
        settings = self.settings
        decay = {"weight_decay": settings.weight_decay}
        behind = [*self._layers.maps.parameters(), *self.heads.parameters()]
        encoder = list(self._layers.layers.parameters())
        return [
            {"params": encoder, "lr": settings.encoder_rate, **decay},
            {"params": behind, "lr": settings.map_rate, **decay},
        ]

    def plain_encoder(self, aspect: str) -> PlainEncoder:
        model = self._layers.plain_model(self.place_of(aspect))
        return PlainEncoder(self.backbone, model, self.settings.max_tokens, self.affine(aspect))

    def affine(self, aspect: str) -> Affine:
        """What stands behind the encoder's vectors for an aspect."""
        state = self._layers.maps[self.place_of(aspect)].state_dict()
        weight, bias = (state[part].cpu().numpy() for part in ("weight", "bias"))
        return Affine(weight, bias)

    def learned(self) -> Mapping[str, nn.Module | Tensor]:
        return {**super().learned(), "layers": self._layers.layers, "maps": self._layers.maps}


class OracleFinetuned(Finetuned):
    """The last layers trained on balanced rows, an upper bound. Source: Zhang et al. 2021.

    What `finetuned` could reach if aspects did not go together in the training rows.
    """

    name = "oracle-finetuned"
    kinds: ClassVar[tuple[str, ...]] = ("aspects",)
    balanced_training = True
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    studies: ClassVar[Mapping[str, Mapping[str, int]]] = {}

"""The method `adapters`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from harness.contract.dial import Dial
from harness.contract.search import Range
from harness.encoders.adapted import AdaptedMap
from harness.encoders.roles import role_of
from harness.training.changed_layers import ChangedLayers, ChangedLinear, last_layers
from harness.training.settings import (
    LAYER_SEARCH,
    MARGIN_SEARCH,
    QUICK,
    SMOKE,
    TRAINED_SEARCH,
    TrainedSettings,
)
from harness.training.trained_method import TrainedMethod

ENDS = ("attention-output", "output")
"""Roles of the maps whose output the residual sum takes."""


@dataclass(frozen=True)
class AdapterSettings(TrainedSettings):
    """Beside those of every trained encoder: the adapters' size and learning rates.

    With 3/16 of the width (72 units of 384) two bfloat16 projections at two places of a layer take
    to the byte what binary masks over its `12 width^2` weights take at one bit an entry, in every
    encoder whose feed-forward map is four times as wide: `8 width u = 12 width^2 / 8`.

    Attributes
    ----------
    bottleneck : hidden units of an adapter, as a share of the encoder's width.
    adapter_rate, head_rate : Adam's learning rates; `harness.training.schedule` shapes them.
    scale : what adapters are multiplied by when they are used; with 0 there are none.
    """

    head_rate: float = 1e-3
    bottleneck: float = 3 / 16
    adapter_rate: float = 5e-4
    scale: float = 1.0


class Adapters(TrainedMethod):
    """One bottleneck adapter for each aspect in a frozen encoder. Source: Houlsby et al. 2019.

    Behind the output map of attention and behind that of the feed-forward part, before the residual
    sum and its norm, `y + U_a gelu(D_a y)` for aspect a (figure 2), with U_a = 0 at the start. The
    losses are those of the masks without their overlap, `l_trp L_trp + l_cls L_cls`.
    """

    name = "adapters"
    Settings = AdapterSettings
    search = {
        **TRAINED_SEARCH,
        **MARGIN_SEARCH,
        **LAYER_SEARCH,
        "adapter_rate": Range(1e-4, 5e-3, "log"),
    }
    profiles = {"smoke": SMOKE, "quick": {**QUICK, "adapter_rate": 2.5e-3}}
    dial = Dial("scale", (0.25, 0.5, 0.75), at_use=True)
    _layers: ChangedLayers[AdaptedLinear]

    def _build(self, seed: int) -> ChangedLayers[AdaptedLinear]:
        numbers = last_layers(self.backbone, self.settings.layers)
        return ChangedLayers(self.backbone, numbers, self._change)

    def _change(self, path: str, linear: nn.Linear) -> AdaptedLinear | None:
        if role_of(path) not in ENDS:
            return None
        units = max(round(self.settings.bottleneck * linear.out_features), 1)
        return AdaptedLinear(linear, units, aspects=len(self.aspects), scale=self.settings.scale)

    def _groups(self) -> list[dict[str, Any]]:
        adapters = [p for adapted in self._layers.maps for p in adapted.parameters()]
        return [
            {"params": list(self.heads.parameters()), "lr": self.settings.head_rate},
            {"params": adapters, "lr": self.settings.adapter_rate},
        ]

    def extras(self) -> dict[str, Tensor]:
        tensors = nn.ModuleList(self._layers.maps).state_dict()
        return {name: tensor.to(torch.bfloat16) for name, tensor in tensors.items()}

    def _restore(self, stored: Mapping[str, Tensor]) -> None:
        own = {name: part for name, part in stored.items() if not name.startswith("head.")}
        nn.ModuleList(self._layers.maps).load_state_dict(own)


class AdaptedLinear(ChangedLinear):
    """A frozen linear map with one adapter for each aspect behind it.

    `linear`: the map, weight [out, in]. `units`: width of the bottleneck. `aspects`: number of
    adapters; their down-projections are drawn from torch's global generator.
    `scale`: of the adapters after `freeze`.
    """

    def __init__(self, linear: nn.Linear, units: int, *, aspects: int, scale: float = 1.0) -> None:
        super().__init__(linear)
        self._scale, self._active_scale = scale, 1.0
        self.down = nn.ModuleList(nn.Linear(linear.out_features, units) for _ in range(aspects))
        self.up = nn.ModuleList(nn.Linear(units, linear.out_features) for _ in range(aspects))
        for up in self.up.parameters():
            nn.init.zeros_(up)

    def freeze(self) -> None:
        self._active_scale = self._scale
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.copy_(parameter.to(torch.bfloat16))

    def thaw(self) -> None:
        self._active_scale = 1.0

    def plain(self, original: nn.Module, aspect: int) -> nn.Module:
        down, up = self.down[aspect], self.up[aspect]
        assert isinstance(up, nn.Linear)
        adapted = AdaptedMap(original, up.out_features, up.in_features)
        adapted.down.load_state_dict(down.state_dict())
        scaled = {name: self._scale * tensor for name, tensor in up.state_dict().items()}
        adapted.up.load_state_dict(scaled)
        return adapted

    def forward(self, hidden: Tensor) -> Tensor:
        out = F.linear(hidden, self.weight, self.bias)
        inner = F.gelu(_in_type_of(out, self.down[self._active]))
        return out + self._active_scale * _in_type_of(inner, self.up[self._active])


def _in_type_of(hidden: Tensor, linear: nn.Module) -> Tensor:
    """A float32 map applied in the type of its input."""
    assert isinstance(linear, nn.Linear)
    return F.linear(hidden, linear.weight.to(hidden.dtype), linear.bias.to(hidden.dtype))

"""Masks attached to transformer layers of a private copy of a backbone."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from data.errors import UserError
from harness.encoders.architectures import weight_of
from harness.encoders.backbones import Backbone
from harness.encoders.layer_cut import layers_of
from harness.encoders.roles import chosen_roles, role_of
from harness.training.changed_layers import ChangedLayers, linear_maps, replace_map
from masking.granularity import Kind, grid_of
from masking.masks import Estimator, MaskedLinear
from masking.settings import MaskSettings


@dataclass(frozen=True)
class Place:
    """A masked map and where it came from.

    Attributes
    ----------
    layer : position of its transformer layer in the whole encoder.
    path : dotted name within that layer.
    """

    layer: int
    path: str
    masked: MaskedLinear


class MaskedLayers(ChangedLayers[MaskedLinear]):
    """An encoder some of whose layers have one set of masks for each of K aspects.

    Parameters
    ----------
    backbone : left as it is; the masked layers are copies.
    settings, kind : where the masks sit, on what, and how their scores begin.
    aspects : number of mask sets.
    seed : of the scores.

    Raises
    ------
    UserError : there are fewer layers than asked for, or no such linear map in them.
    """

    def __init__(
        self,
        backbone: Backbone,
        settings: MaskSettings,
        kind: Kind,
        *,
        aspects: int,
        seed: int,
    ) -> None:
        depth = int(backbone.model.config.num_hidden_layers)
        last = depth - settings.above
        # A shallow encoder is masked from its first layer on.
        first = max(last - settings.layers, 0)
        if last < 1:
            raise UserError(
                f"{backbone.name} has {depth} layers; leave fewer than {depth} above the masks"
            )
        super().__init__(backbone, first)
        random = torch.Generator().manual_seed(seed)
        roles, heads = chosen_roles(settings.maps), int(backbone.model.config.num_attention_heads)
        self.places: list[Place] = []
        for number in range(first, last):
            layer = self.split.layers[number - first]
            for path, linear in linear_maps(layer):
                role = role_of(path)
                if not (roles is None or role in roles):
                    continue
                shape, tiles = (linear.out_features, linear.in_features), settings.granularity
                grid = grid_of(shape, kind, tiles, role=role, heads=heads, block=settings.block)
                noise = torch.randn((aspects, *grid), generator=random)
                scores = noise * settings.start_deviation + settings.start_mean
                masked = MaskedLinear(linear, grid, scores.to(linear.weight.device), role=role)
                replace_map(layer, path, masked)
                self.places.append(Place(number, path, masked))
        if not self.places:
            family = type(backbone.model).__name__
            raise UserError(
                f"no linear map of {backbone.name} is called {settings.maps}"
                if roles
                else f"{backbone.name} ({family}) has no linear maps to mask in its layers; "
                "name another backbone"
            )
        self.maps = [place.masked for place in self.places]
        self.freeze()

    @property
    def layers(self) -> list[list[MaskedLinear]]:
        """The masked maps, layer by layer."""
        by_layer: dict[int, list[MaskedLinear]] = {}
        for place in self.places:
            by_layer.setdefault(place.layer, []).append(place.masked)
        return list(by_layer.values())

    @property
    def scores(self) -> list[nn.Parameter]:
        """All mask scores, map by map and within a map aspect by aspect."""
        return [scores for masked in self.maps for scores in masked.scores]

    def originals(self) -> list[Tensor]:
        """The maps' weights in the backbone, float32 [out, in] each."""
        layers = layers_of(self.backbone.model)
        return [weight_of(layers[p.layer].get_submodule(p.path)) for p in self.places]

    def draw(self, estimator: Estimator, random: torch.Generator) -> None:
        """Take all masks for one training step."""
        for masked in self.maps:
            masked.draw(estimator, random)

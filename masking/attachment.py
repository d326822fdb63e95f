"""Masks attached to transformer layers of a private copy of a backbone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from data.errors import UserError
from harness.encoders.architectures import weight_of
from harness.encoders.backbones import Backbone
from harness.encoders.layer_cut import layers_of
from harness.encoders.roles import chosen_roles, role_of
from harness.encoders.split_encoder import PrefixBatch
from harness.training.changed_layers import ChangedLayers, Place, replace_map
from masking.granularity import Kind, grid_of
from masking.masks import Estimator, MaskedLinear, Use
from masking.residual import ROLES, MaskedNorm, input_norms
from masking.settings import MaskSettings

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class MaskedLayers(ChangedLayers[MaskedLinear]):
    """An encoder some of whose layers have one set of masks for each of K aspects.

    Parameters
    ----------
    backbone : left as it is; the masked layers are copies.
    settings, kind : where the masks sit, on what, and how their scores begin.
    aspects : number of mask sets.
    seed : of the scores.

    Attributes
    ----------
    everywhere : places with masks: linear maps and, with `residual`, what enters layers.

    Raises
    ------
    UserError : there are fewer layers than asked for, or no such linear map in them; or the family
        has no norms for masks on residual inputs.
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
        depth = len(layers_of(backbone.model))
        last = depth - settings.above
        if last < 1:
            raise UserError(
                f"{backbone.name} has {depth} layers; leave fewer than {depth} above the masks"
            )
        random = torch.Generator().manual_seed(seed)
        roles, heads = chosen_roles(settings.maps), int(backbone.model.config.num_attention_heads)
        use = Use(settings.walk, settings.rescaled)

        def drawn(grid: tuple[int, int]) -> Tensor:
            noise = torch.randn((aspects, *grid), generator=random)
            return noise * settings.start_deviation + settings.start_mean

        def masked(path: str, linear: nn.Linear) -> MaskedLinear | None:
            role = role_of(path)
            if roles is not None and role not in roles:
                return None
            shape, tiles = (linear.out_features, linear.in_features), settings.granularity
            grid = grid_of(shape, kind, tiles, role=role, heads=heads, block=settings.block)
            return MaskedLinear(linear, grid, drawn(grid), role=role, use=use)

        # A shallow encoder is masked from its first layer on.
        first = max(last - (settings.layers or last), 0)
        super().__init__(backbone, range(first, last), masked)
        self._inputs: list[MaskedNorm] = []
        self.everywhere = [*self.places]
        suffix = self.split.suffix
        norms = input_norms(suffix)[: 2 * (last - first)] if settings.residual else []
        for i, path in enumerate(norms):
            norm, scores = suffix.get_submodule(path), drawn((1, backbone.width))
            entering = MaskedNorm(norm, scores, role=ROLES[i % 2], use=use).to(backbone.device)
            self._inputs.append(entering)
            self.everywhere.append(Place(first + i // 2, path, entering))
            if i:
                # The first one's outputs are the states that are stored.
                replace_map(suffix, path, entering)
        self.maps += self._inputs
        self.freeze()

    def vectors(self, batch: PrefixBatch, aspect: int) -> Tensor:
        if self._inputs:
            lowest = self._inputs[0]
            lowest.activate(aspect)
            batch = replace(batch, states=lowest.masked(batch.states))
        return super().vectors(batch, aspect)

    def plain_model(self, aspect: int) -> PreTrainedModel:
        model = super().plain_model(aspect)
        norms = input_norms(model)[2 * self.split.first :] if self._inputs else []
        for path, entering in zip(norms, self._inputs, strict=False):
            entering.plain(model.get_submodule(path), aspect)
        return model

    @property
    def layers(self) -> list[list[MaskedLinear]]:
        """What has masks, layer by layer."""
        by_layer: dict[int, list[MaskedLinear]] = {}
        for place in self.everywhere:
            by_layer.setdefault(place.layer, []).append(place.changed)
        return list(by_layer.values())

    @property
    def scores(self) -> list[nn.Parameter]:
        """All mask scores, map by map and within a map aspect by aspect."""
        return [scores for masked in self.maps for scores in masked.scores]

    def originals(self) -> list[Tensor]:
        """The maps' weights in the backbone, float32 [out, in] each."""
        layers = layers_of(self.backbone.model)
        return [weight_of(layers[p.layer].get_submodule(p.path)) for p in self.places]

    def walk(self, strength: float) -> None:
        """Freeze with masks that are used as `(1 - t) 1 + t M` from now on, t the strength."""
        for masked in self.maps:
            masked.use = replace(masked.use, walk=strength)
        self.freeze()

    def draw(self, estimator: Estimator) -> None:
        """Take all masks for one training step."""
        for masked in self.maps:
            masked.draw(estimator)

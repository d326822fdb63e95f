"""Masks attached to the upper layers of a private copy of a backbone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from harness.backbones import Backbone
from harness.encoding import encode_batches, mean_pool
from harness.prefix import PrefixBatch, Prefixes, SplitEncoder
from masking.masks import Kind, MaskedLinear


@dataclass(frozen=True)
class Start:
    """How mask scores begin: normal with this mean and deviation; above 0 is open."""

    mean: float
    deviation: float


class MaskedEncoder:
    """An encoder whose upper layers wear one mask set for each of K aspects.

    Parameters
    ----------
    backbone : left as it is; the masked layers are bfloat16 copies.
    kind : masks on weights or on hidden units.
    layers : how many of the last layers are masked.
    aspects : number of mask sets.
    start : how scores begin.
    seed : of the scores.
    """

    def __init__(
        self, backbone: Backbone, kind: Kind, *, layers: int, aspects: int, start: Start, seed: int
    ) -> None:
        depth = int(backbone.model.config.num_hidden_layers)
        self.split = SplitEncoder(backbone, max(depth - layers, 0))
        self.width = backbone.width
        random = torch.Generator().manual_seed(seed)
        self.layers = [
            _mask_linear_maps(layer, kind, aspects, start, random) for layer in self.split.layers
        ]

    @property
    def maps(self) -> list[MaskedLinear]:
        """All masked maps, the lowest layer first."""
        return [masked for layer in self.layers for masked in layer]

    @property
    def scores(self) -> list[nn.Parameter]:
        """All mask scores."""
        return [scores for masked in self.maps for scores in masked.scores]

    def vectors(self, batch: PrefixBatch, aspect: int) -> Tensor:
        """float32 [texts, width]: pooled vectors of a batch under one aspect's masks."""
        for masked in self.maps:
            masked.active = aspect
        return mean_pool(self.split.run(batch), batch.mask)

    def encode(self, prefixes: Prefixes, aspect: int) -> NDArray[np.float32]:
        """float32 [n, width]: pooled vectors of all texts under one aspect's masks."""
        return encode_batches(
            prefixes.tokens, self.width, lambda index: self.vectors(prefixes.batch(index), aspect)
        )

    def density(self) -> list[float]:
        """For each aspect, the share of mask entries that are open."""
        aspects = range(len(self.maps[0].scores))
        opened = [sum(int((m.scores[k] > 0).sum()) for m in self.maps) for k in aspects]
        entries = sum(m.scores[0].numel() for m in self.maps)
        return [count / entries for count in opened]


def _mask_linear_maps(
    layer: nn.Module, kind: Kind, aspects: int, start: Start, random: torch.Generator
) -> Sequence[MaskedLinear]:
    masked_maps = []
    for path, linear in list(layer.named_modules()):
        if not isinstance(linear, nn.Linear):
            continue
        shape = linear.weight.shape if kind == "weights" else linear.weight.shape[1:]
        scores = torch.randn((aspects, *shape), generator=random) * start.deviation + start.mean
        masked = MaskedLinear(linear, kind, scores)
        parent, _, attribute = path.rpartition(".")
        setattr(layer.get_submodule(parent), attribute, masked)
        masked_maps.append(masked)
    return masked_maps

"""What both kinds of masks share: how they are learned, used and stored."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

import torch
from torch import Tensor

from harness.contract.dial import Dial
from harness.contract.heatmap_data import Heatmap
from harness.contract.scores import Score
from harness.contract.search import Range
from harness.encoders.encoding import frozen_vectors
from harness.encoders.split_encoder import PrefixBatch
from harness.system.progress import Progress
from harness.training.settings import LAYER_SEARCH, MARGIN_SEARCH, TRAINED_SEARCH
from harness.training.sources import Batch, Source
from harness.training.steps import backpropagated
from harness.training.trained_method import TrainedMethod
from masking.analysis import mask_heatmaps, mask_scores
from masking.attachment import MaskedLayers
from masking.granularity import Kind
from masking.masks import estimator_of
from masking.objectives import coding_rate_gap, openness_loss, overlap_loss
from masking.packed_masks import pack_masks, unpack_masks
from masking.pruning import Pruner, cubic_sparsity
from masking.settings import MaskSettings


class MaskedMethod(TrainedMethod):
    """Binary masks over a frozen encoder, one set for each aspect, with linear heads.

    The loss is `l_trp L_trp + l_cls L_cls + l_ovl L_ovl` (Zhang et al. 2021, section 3), with L_trp
    and L_cls summed over the aspects, and optionally the share of open entries.
    """

    kind: ClassVar[Kind]
    kinds: ClassVar[tuple[str, ...]] = ("aspects", "triplets")
    # Short texts, and no head that could learn small cells by heart: all tokens are seen. A small
    # margin and slow scores leave the semantic mask nearly open, as the encoder orders most
    # triplets by meaning already.
    kind_settings = {
        "triplets": {
            "steps": 80,
            "token_share": 1.0,
            "overlap": 0.0,
            "mask_rate": 5e-4,
            "margin": 0.5,
        }
    }
    Settings = MaskSettings
    search = {
        **TRAINED_SEARCH,
        **MARGIN_SEARCH,
        **LAYER_SEARCH,
        "mask_rate": Range(1e-3, 1e-2, "log"),
        "overlap": Range(0.0, 1.0),
    }
    dial: ClassVar[Dial | None] = Dial("walk", (0.25, 0.5, 0.75), at_use=True)
    _layers: MaskedLayers

    def learn_from(
        self, source: Source, valid: Source | None, *, seed: int, progress: Progress
    ) -> None:
        self._untuned = torch.empty(0)
        if self.settings.coding_rate:
            limit = self.settings.max_tokens
            untuned = torch.tensor(frozen_vectors(self.backbone, source.texts, limit))
            self._untuned = untuned.to(self.backbone.device)
        super().learn_from(source, valid, seed=seed, progress=progress)
        self._prune(self.settings.steps)
        if self._pruner is not None:
            self._pruner.settle()
        self._layers.freeze()

    def _build(self, seed: int) -> MaskedLayers:
        layers = MaskedLayers(
            self.backbone, self.settings, self.kind, aspects=len(self.aspects), seed=seed
        )
        self._pruner: Pruner | None = None
        if self.settings.sparsity:
            linear = [place.changed for place in layers.places]
            self._pruner = Pruner(linear, layers.originals(), self.settings.pruning)
        return layers

    def _prune(self, step: int) -> None:
        """Prune as far as the schedule is at a step; after the last one, to the end."""
        if self._pruner is not None:
            settings = self.settings
            self._pruner.prune(cubic_sparsity(step, settings.steps, settings.sparsity))

    def _groups(self) -> list[dict[str, Any]]:
        settings, heads = self.settings, list(self.heads.parameters())
        return [
            {"params": self._layers.scores, "lr": settings.mask_rate},
            {"params": heads, "lr": settings.head_rate},
        ]

    def _accumulate_gradients(self, batch: Batch, states: PrefixBatch, step: int) -> Tensor:
        settings, layers = self.settings, self._layers
        estimator = estimator_of(settings.estimator)
        self._prune(step)
        layers.draw(estimator)
        total = super()._accumulate_gradients(batch, states, step)
        masks = torch.zeros(())
        if settings.overlap:
            masks = masks + settings.overlap * overlap_loss(layers.layers)
        if settings.openness:
            masks = masks + settings.openness * openness_loss(layers.layers, estimator)
        return total + backpropagated(masks)

    def _loss(self, aspect: str, vectors: Tensor, batch: Batch, step: int) -> Tensor:
        loss = super()._loss(aspect, vectors, batch, step)
        if self.settings.coding_rate:
            untuned = self._untuned[batch.index]
            loss = loss + self.settings.coding_rate * coding_rate_gap(vectors, untuned)
        return loss

    def _validation(self, valid: Source) -> Callable[[], float]:
        loss = super()._validation(valid)

        def at_the_end() -> float:
            # What would be used has all of its sparsity.
            self._prune(self.settings.steps)
            return loss()

        return at_the_end

    def extras(self) -> Mapping[str, Tensor]:
        return {"masks": pack_masks(self._layers.maps)}

    def _restore(self, stored: Mapping[str, Tensor]) -> None:
        unpack_masks(stored["masks"], self._layers.maps)
        self._prune(self.settings.steps)

    @contextmanager
    def walked(self, strength: float) -> Iterator[None]:
        """Within it masks are used as the setting `walk` says, here with another t."""
        self._layers.walk(strength)
        try:
            yield
        finally:
            self._layers.walk(self.settings.walk)

    def scores(self) -> list[Score]:
        return [*mask_scores(self._layers, list(self.aspects)), *super().scores()]

    def heatmaps(self) -> list[Heatmap]:
        return mask_heatmaps(self._layers, list(self.aspects))

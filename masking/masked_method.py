"""What both kinds of masks share: how they are learned, used and stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from torch import Tensor, nn

from data.rows import Rows, TrainingTask
from data.triplets import TripletTask
from harness.contract.heatmap_data import Heatmap
from harness.contract.method import Representation
from harness.contract.scores import Score
from harness.contract.search import Choice, Range
from harness.contract.stored import StoredMethod
from harness.encoders.device import seeded
from harness.encoders.plain_encoder import PlainEncoder
from harness.system.progress import Progress
from harness.training.changed_layers import heads_of
from harness.training.checkpoint import Checkpoint
from harness.training.settings import MARGIN_SEARCH, TRAINED_SEARCH
from harness.training.sources import Source, source_of
from masking.analysis import mask_heatmaps, mask_scores
from masking.attachment import MaskedLayers
from masking.granularity import Kind
from masking.packed_masks import pack_masks, unpack_masks
from masking.pruning import MagnitudePruner
from masking.settings import MaskSettings
from masking.training import Training, train_masks


class MaskedMethod(StoredMethod):
    """Binary masks over a frozen encoder, one set for each aspect, with linear heads."""

    kind: ClassVar[Kind]
    kinds: ClassVar[tuple[str, ...]] = ("aspects", "triplets")
    # Short texts, and no head that could learn small cells by heart: all tokens are seen. A small
    # margin and slow scores leave the semantic mask nearly open, as the encoder orders most
    # triplets by meaning already.
    kind_settings = {
        "triplets": {
            "steps": 80,
            "batch_texts": 48,
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
        "layers": Choice((2, 3, 4)),
        "mask_rate": Range(1e-3, 1e-2, "log"),
        "overlap": Range(0.0, 1.0),
    }
    profiles = {"smoke": {"steps": 4, "batch_texts": 8, "checks": 2}, "quick": {"steps": 60}}

    def learn(self, task: TrainingTask | TripletTask, *, seed: int, progress: Progress) -> None:
        source = source_of(task, self.settings, seed=seed)
        valid = task.valid if isinstance(task, TrainingTask) else None
        self.learn_from(source, valid, seed=seed, progress=progress)

    def learn_from(
        self, source: Source, valid: Rows | None, *, seed: int, progress: Progress
    ) -> None:
        """Learn masks from any source of batches; `valid` chooses the step that is kept."""
        self._prepare(seed)
        about = (self.name, self.settings, self.aspects, seed, self.backbone.weights_hash)
        checked = valid.texts if valid else None
        checkpoint = Checkpoint(self.checkpoint, *about, tuple(source.texts), checked)
        self._training = train_masks(
            self._layers,
            self._heads,
            source,
            valid,
            self.settings,
            seed=seed,
            progress=progress,
            checkpoint=checkpoint,
        )
        checkpoint.remove()

    def _prepare(self, seed: int) -> None:
        self._layers = MaskedLayers(
            self.backbone, self.settings, self.kind, aspects=len(self.aspects), seed=seed
        )
        with seeded(seed):
            self._heads = heads_of(self.backbone, self.aspects)
        self._training = Training(kept_step=0, checked={})

    def represent(self, texts: tuple[str, ...], aspect: str) -> Representation:
        limit, split = self.settings.max_tokens, self._layers.split
        prefixes = self.kept_for(texts, lambda: split.prefixes(texts, limit))
        return self._layers.encode(prefixes, self.place_of(aspect))

    def plain_encoder(self, aspect: str) -> PlainEncoder:
        """The encoder with `W * M` in place of W; all without masks is the backbone's own."""
        model = self._layers.plain_model(self.place_of(aspect))
        return PlainEncoder(self.backbone, model, self.settings.max_tokens)

    def learned(self) -> Mapping[str, nn.Module]:
        return {"head": self._heads}

    def extras(self) -> Mapping[str, Tensor]:
        return {"masks": pack_masks(self._layers.maps)}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        self._prepare(seed=0)
        unpack_masks(tensors["masks"], self._layers.maps)
        if self.settings.sparsity:
            pruner = MagnitudePruner(self._layers.maps, self._layers.originals())
            pruner.prune(self.settings.sparsity)
        self._layers.freeze()

    @property
    def trainable_parameters(self) -> int:
        if not self.settings.steps:
            return 0
        return super().trainable_parameters + sum(s.numel() for s in self._layers.scores)

    def scores(self) -> list[Score]:
        return [
            *mask_scores(self._layers, list(self.aspects)),
            Score("kept_step", float(self._training.kept_step)),
        ]

    def heatmaps(self) -> list[Heatmap]:
        return mask_heatmaps(self._layers, list(self.aspects))

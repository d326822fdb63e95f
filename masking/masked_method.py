"""What both kinds of masks share: how they are learned, used and stored."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Self

from torch import nn

from data.errors import UnknownNameError, UserError
from data.rows import Rows, TrainingTask
from data.triplets import TripletTask
from harness.contract.heatmap_data import Heatmap
from harness.contract.method import Method, Representation
from harness.contract.scores import Score
from harness.encoders.backbones import Backbone
from harness.encoders.device import seeded
from harness.encoders.split_encoder import Prefixes
from harness.store.artifacts import read_artifact, reading, write_artifact
from harness.system.progress import Progress
from harness.training.checkpoint import Checkpoint
from masking.analysis import mask_heatmaps, mask_scores
from masking.attachment import MaskedLayers
from masking.export import write_checkpoint
from masking.granularity import Kind
from masking.packed_masks import pack_masks, unpack_masks
from masking.pruning import MagnitudePruner
from masking.settings import MaskSettings
from masking.sources import ExplicitTriplets, LabelledTexts, Source
from masking.training import Training, train_masks


class MaskedMethod(Method):
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

    def fit(
        self,
        task: TrainingTask | TripletTask,
        backbone: Backbone,
        *,
        seed: int,
        progress: Progress,
    ) -> Self:
        settings = self.settings
        size, weights = settings.batch_texts, settings.weights()
        if isinstance(task, TripletTask):
            first, second = (aspect.name for aspect in task.aspects)
            triplets = task.train.triplets
            source: Source = ExplicitTriplets(triplets, (first, second), size, weights, seed=seed)
            valid = None
        else:
            source, valid = LabelledTexts(task.train, size, weights, seed=seed), task.valid
        return self.fit_source(source, valid, backbone, seed=seed, progress=progress)

    def fit_source(
        self,
        source: Source,
        valid: Rows | None,
        backbone: Backbone,
        *,
        seed: int,
        progress: Progress,
    ) -> Self:
        """Learn masks from any source of batches; `valid` chooses the step that is kept."""
        self._prepare(backbone, dict(source.aspects), seed)
        checkpoint = Checkpoint(
            self.checkpoint,
            self.name,
            self.settings,
            self._aspects,
            seed,
            backbone.weights_hash,
            tuple(source.texts),
            valid.texts if valid else None,
        )
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
        return self

    def _prepare(self, backbone: Backbone, aspects: dict[str, int], seed: int) -> None:
        self._backbone = backbone
        self._aspects = aspects
        self._layers = MaskedLayers(
            backbone, self.settings.attachment(self.kind), aspects=len(aspects), seed=seed
        )
        with seeded(seed):
            self._heads = nn.ModuleDict(
                {
                    name: nn.Linear(backbone.width, classes)
                    for name, classes in aspects.items()
                    if classes
                }
            ).to(backbone.device)
        self._training = Training(kept_step=0, checked={})
        self._last: tuple[tuple[str, ...], Prefixes] | None = None

    def encode(self, texts: Sequence[str], aspect: str) -> Representation:
        position = self._position(aspect)
        return self._layers.encode(self._prefixes(tuple(texts)), position)

    def _position(self, aspect: str) -> int:
        if not hasattr(self, "_layers"):
            raise UserError(f"{self.name} must be fitted or loaded before it can encode")
        if aspect not in self._aspects:
            raise UnknownNameError("aspect", aspect, self._aspects)
        return list(self._aspects).index(aspect)

    def _prefixes(self, texts: tuple[str, ...]) -> Prefixes:
        """The states below the masks, kept until other texts come: each aspect needs them."""
        if self._last is None or self._last[0] != texts:
            self._last = (texts, self._layers.split.prefixes(texts, self.settings.max_tokens))
        return self._last[1]

    def export(self, aspect: str, folder: Path) -> None:
        """Burn one aspect's mask into an ordinary checkpoint that plain `AutoModel` loads.

        Parameters
        ----------
        aspect : whose mask.
        folder : made where it is missing; weights in float32, and the backbone's tokenizer.

        Raises
        ------
        UnknownNameError : the aspect is not one that the masks were learned for.
        """
        write_checkpoint(self._layers, self._position(aspect), folder)

    def save(self, folder: Path) -> None:
        heads = {f"head.{name}": part for name, part in self._heads.state_dict().items()}
        write_artifact(
            folder,
            {**heads, "masks": pack_masks(self._layers.maps)},
            method=self.name,
            settings=self.settings,
            aspects=self._aspects,
            backbone=self._backbone,
        )

    def load(self, folder: Path, backbone: Backbone) -> Self:
        tensors, config = read_artifact(folder, method=self.name, backbone=backbone)
        with reading(folder):
            self.settings = self.Settings(**config["settings"])
            self._prepare(backbone, config["aspects"], seed=0)
            heads = {k.removeprefix("head."): v for k, v in tensors.items() if k[:5] == "head."}
            self._heads.load_state_dict(heads)
            unpack_masks(tensors["masks"], self._layers.maps)
        if self.settings.sparsity:
            pruner = MagnitudePruner(self._layers.maps, self._layers.originals())
            pruner.prune(self.settings.sparsity)
        self._layers.settle()
        return self

    @property
    def aspects(self) -> tuple[str, ...]:
        """Names of the aspects that there are masks for."""
        return tuple(self._aspects)

    @property
    def width(self) -> int:
        """Width of the representations."""
        return self._layers.width

    @property
    def trainable_parameters(self) -> int:
        if not self.settings.steps:
            return 0
        heads = sum(p.numel() for p in self._heads.parameters())
        return heads + sum(scores.numel() for scores in self._layers.scores)

    def scores(self) -> list[Score]:
        return [
            *mask_scores(self._layers, list(self._aspects)),
            Score("kept_step", float(self._training.kept_step)),
        ]

    def heatmaps(self) -> list[Heatmap]:
        return mask_heatmaps(self._layers, list(self._aspects))

"""What models of texts that `training` trains share: how they are fitted and stored."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from baselines.text_vae.asked import AskedModel
from baselines.text_vae.model import LatentMaps, TextModel
from baselines.text_vae.pair import Pair
from baselines.text_vae.pieces import Pieces, piece_ids
from baselines.text_vae.sequences import Sequences
from baselines.text_vae.settings import TrainingSettings
from baselines.text_vae.training import Curves, Trainer, curve_tensors, curves_of
from data.texts import FactorTask, TextTask
from harness.contract.heatmap_data import Heatmap
from harness.encoders.backbones import Backbone
from harness.encoders.device import seeded
from harness.evaluation.text.information import mutual_information
from harness.evaluation.text.likelihood import elbo, latent_use
from harness.system.progress import Progress
from harness.training.checkpoint import Checkpoint

CURVES = "training curves"
"""Name of the grid that holds what was measured while training."""


class PiecewiseModel(AskedModel):
    """A model of texts as pieces of the backbone's tokenizer, with a latent or without.

    A subclass says what reads and writes them.
    """

    kinds: ClassVar[tuple[str, ...]] = ("language", "factors")
    _curves: Curves

    def supports(self, task: Any) -> str | None:
        measured = self.latent_size or not isinstance(task, FactorTask)
        return None if measured else "it has no latent that could keep factors apart"

    @abstractmethod
    def build_pair(self, backbone: Backbone, pieces: Pieces) -> Pair:
        """The networks; new weights are drawn by torch's generator."""

    def build_maps(self, width: int) -> nn.Module:
        """From what the reader gives, [texts, width], to a `BatchPosterior`."""
        return LatentMaps(width, self.latent_size)

    @property
    def latent_size(self) -> int:
        settings: TrainingSettings = self.settings
        return settings.latent_size

    def learn(self, task: TextTask, *, seed: int, progress: Progress) -> None:
        settings: TrainingSettings = self.settings
        backbone = self.backbone
        texts = piece_ids(backbone.tokenizer, task.train, settings.max_pieces)
        pieces = Pieces.of(texts, len(backbone.tokenizer), self.frame(backbone))
        train = Sequences(texts, pieces, backbone.device)
        with seeded(seed):
            self.prepare(backbone, pieces, train.longest if settings.unmasked_pooling else 0)
        watched = tuple(task.valid[: settings.curve_texts])
        checkpoint = Checkpoint(
            self.checkpoint, self.name, settings, seed, backbone.weights_hash, task.train
        )
        valid = piece_ids(backbone.tokenizer, task.valid, settings.max_pieces)
        trainer = Trainer(
            self._model,
            train,
            Sequences(valid, pieces, backbone.device),
            settings,
            measure=(lambda: self._measured(watched)) if len(watched) > 1 else None,
            seed=seed,
            checkpoint=checkpoint,
        )
        self._curves = trainer.train(progress).curves

    def prepare(self, backbone: Backbone, pieces: Pieces, unmasked: int = 0) -> None:
        """An untrained model for known pieces."""
        self.remember(backbone, {})
        self._pieces = pieces
        pair = self.build_pair(backbone, pieces)
        maps = self.build_maps(pair.width) if self.latent_size else None
        model = TextModel(pair, pieces, self.latent_size, maps=maps, unmasked=unmasked)
        self._model = model.to(backbone.device).eval()
        self._curves = {}

    def _measured(self, texts: Sequence[str]) -> Mapping[str, float]:
        """What the curves hold, on a few validation texts."""
        if not self.latent_size:
            return {"reconstruction": float(-self.log_likelihood(texts, None).mean())}
        posterior = self.posterior(texts)
        bound = elbo(self, texts, posterior, draws=1, seed=0)
        return {
            "reconstruction": float(bound.reconstruction.mean()),
            "kl": float(bound.kl.mean()),
            "mutual_information": mutual_information(posterior, draws=2, seed=0),
            "latent_use": float(latent_use(self, texts, posterior, draws=1, seed=0).mean()),
        }

    def extras(self) -> Mapping[str, Tensor]:
        unmasked = torch.tensor([self._model.unmasked])
        return {**super().extras(), **curve_tensors(self._curves), "unmasked": unmasked}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        with seeded(0):
            self.prepare(self.backbone, self._stored_pieces(tensors), int(tensors["unmasked"]))
        self._curves = curves_of(tensors)

    def heatmaps(self) -> list[Heatmap]:
        values = self._curves
        if not values:
            return []
        names = tuple(sorted(values))
        steps = sorted(values[names[0]])
        lines = tuple(tuple(values[name][step] for step in steps) for name in names)
        return [Heatmap(CURVES, names, tuple(map(str, steps)), lines)]

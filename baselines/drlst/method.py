"""What both autoencoders share: how they are fitted, used and stored."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from baselines.drlst.bags import content_words
from baselines.drlst.encoders import Encoder
from baselines.drlst.measures import measured
from baselines.drlst.model import Autoencoder, Decoder
from baselines.drlst.settings import DrlstSettings
from baselines.drlst.sources import answers_of, source_of
from baselines.drlst.training import Trainer
from baselines.drlst.vocabulary import Vocabulary
from data.errors import UnknownNameError, UserError
from data.rows import IntArray, TrainingTask
from data.triplets import TripletTask
from harness.contract.method import Method, Representation
from harness.contract.scores import Score
from harness.encoders.backbones import Backbone
from harness.encoders.device import seeded
from harness.encoders.encoding import encode_batches, tokenise
from harness.store.artifacts import read_artifact, reading, write_artifact
from harness.system.progress import Progress

WITHOUT = {
    "no-multitask": {"multitask": 0.0},
    "no-adversary": {"adversary": 0.0},
    "no-kl": {"kl": 0.0},
    "no-bag-of-words": {"bag_of_words": 0.0, "bag_adversary": 0.0},
    "no-reconstruction": {"reconstruction": 0.0},
}
"""Variants with one term of the objective left out."""


class DisentangledAutoencoder(Method):
    """A variational autoencoder of texts with a latent for each aspect: the means of q(z_a|x).

    A subclass says what encodes the texts, and what decodes them where it is no GRU.
    """

    Settings = DrlstSettings
    variants = WITHOUT
    profiles = {
        "smoke": {
            "steps": 3,
            "batch_texts": 8,
            "units": 32,
            "embedding": 16,
            "max_tokens": 32,
            "target_tokens": 16,
        },
        "quick": {"steps": 100},
    }

    @abstractmethod
    def _build_encoder(self, backbone: Backbone, vocabulary: Vocabulary) -> Encoder:
        """The encoder, its weights drawn by torch's generator where they are new."""

    def _build_decoder(
        self, encoder: Encoder, backbone: Backbone, vocabulary: Vocabulary, latent: int
    ) -> nn.Module:
        """What writes the texts from latents of this width together; called as `Decoder` is."""
        return Decoder(len(vocabulary), latent, self.settings)

    def fit(
        self,
        task: TrainingTask | TripletTask,
        backbone: Backbone,
        *,
        seed: int,
        progress: Progress,
    ) -> Self:
        settings = self.settings
        tokens = tokenise(backbone, task.train.texts, settings.max_tokens)
        vocabulary = Vocabulary.of(tokens, settings.vocabulary, backbone.tokenizer)
        words = content_words(vocabulary, tokens, task.train, settings.content, backbone.tokenizer)
        with seeded(seed):
            self._prepare(backbone, answers_of(task), vocabulary, words)
            source = source_of(task, settings.batch_texts, seed=seed)
            Trainer(self._model, source, vocabulary, self._words, settings).train(
                self._model.encoder.read(task.train.texts), progress=progress
            )
            self._measured = measured(
                self._model,
                vocabulary,
                self._model.encoder.read(task.valid.texts),
                task.valid,
                settings.target_tokens,
            )
        return self

    def _prepare(
        self, backbone: Backbone, aspects: dict[str, int], vocabulary: Vocabulary, words: Tensor
    ) -> None:
        self._backbone, self._aspects = backbone, aspects
        self._vocabulary, self._words = vocabulary, words.to(backbone.device)
        encoder = self._build_encoder(backbone, vocabulary)

        def build_decoder(latent: int) -> nn.Module:
            return self._build_decoder(encoder, backbone, vocabulary, latent)

        model = Autoencoder(encoder, build_decoder, len(words), aspects, self.settings)
        self._model = model.to(backbone.device).eval()
        self._measured = []
        self._last: tuple[tuple[str, ...], NDArray[np.float32]] | None = None

    def encode(self, texts: Sequence[str], aspect: str) -> Representation:
        if not hasattr(self, "_model"):
            raise UserError(f"{self.name} must be fitted or loaded before it can encode")
        if aspect not in self._aspects:
            raise UnknownNameError("aspect", aspect, self._aspects)
        sizes = self._model.sizes
        start = sum(sizes[name] for name in list(sizes)[: list(sizes).index(aspect)])
        return self._means(tuple(texts))[:, start : start + sizes[aspect]].copy()

    def _means(self, texts: tuple[str, ...]) -> Representation:
        """Means of all latents side by side, kept until other texts come: each aspect has some."""
        if self._last is None or self._last[0] != texts:
            reading = self._model.encoder.read(texts)

            def forward(index: IntArray) -> Tensor:
                posterior = self._model.posterior(reading.vectors(index))
                return torch.cat([gaussian.mean for gaussian in posterior.values()], dim=1)

            width = sum(self._model.sizes.values())
            self._last = (texts, encode_batches(reading.tokens, width, forward))
        return self._last[1]

    def save(self, folder: Path) -> None:
        model = {f"model.{name}": part for name, part in self._model.state_dict().items()}
        write_artifact(
            folder,
            {**model, "vocabulary": self._vocabulary.pieces, "words": self._words},
            method=self.name,
            settings=self.settings,
            aspects=self._aspects,
            backbone=self._backbone,
        )

    def load(self, folder: Path, backbone: Backbone) -> Self:
        tensors, config = read_artifact(folder, method=self.name, backbone=backbone)
        with reading(folder):
            self.settings = self.Settings(**config["settings"])
            vocabulary = Vocabulary(tensors["vocabulary"], len(backbone.tokenizer))
            with seeded(0):
                self._prepare(backbone, config["aspects"], vocabulary, tensors["words"])
            self._model.load_state_dict(
                {k.removeprefix("model."): v for k, v in tensors.items() if k[:6] == "model."}
            )
        return self

    @property
    def trainable_parameters(self) -> int:
        return sum(p.numel() for p in self._model.parameters())

    def scores(self) -> list[Score]:
        return self._measured

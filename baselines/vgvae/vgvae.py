"""The method `vgvae`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import torch
from torch import Tensor

from baselines.drlst.vocabulary import Vocabulary
from baselines.vgvae.model import Autoencoder
from baselines.vgvae.settings import VgvaeSettings
from baselines.vgvae.training import Trainer
from data.errors import UnknownNameError, UserError
from data.rows import IntArray
from data.triplets import TripletTask
from harness.contract.method import Method, Representation
from harness.contract.scores import Score
from harness.encoders.backbones import Backbone
from harness.encoders.device import seeded
from harness.encoders.encoding import encode_batches, tokenise
from harness.store.artifacts import read_artifact, reading, write_artifact
from harness.system.progress import Progress

WITHOUT = {
    "no-paraphrase": {"paraphrase": 0.0},
    "no-discriminative": {"discriminative": 0.0},
    "no-position": {"position": 0.0},
    "no-kl": {"semantic_kl": 0.0, "syntactic_kl": 0.0},
}
"""Variants with one term of the objective left out."""


class Vgvae(Method):
    """A VAE with a semantic latent on a sphere, a Gaussian syntactic one. Source: Chen et al. 2019.

    It learns from pairs of paraphrases alone. The first aspect, which paraphrases share, is the
    mean direction of a von Mises-Fisher latent over averaged embeddings; the second is the mean of
    a Gaussian latent over a GRU. The backbone gives its tokenizer and its embeddings of pieces.
    """

    name = "vgvae"
    kinds = ("triplets",)
    Settings = VgvaeSettings
    variants = WITHOUT
    studies = {"triplets": dict.fromkeys(WITHOUT, 1)}
    profiles = {
        "smoke": {"steps": 3, "batch_pairs": 6, "units": 24, "embedding": 16, "vocabulary": 200},
        "quick": {"steps": 150, "units": 96},
    }

    def fit(self, task: TripletTask, backbone: Backbone, *, seed: int, progress: Progress) -> Self:
        settings = self.settings
        first, second = (aspect.name for aspect in task.aspects)
        pairs, held_out = (
            tokenise(backbone, rows.texts[: 2 * len(rows)], settings.max_tokens)
            for rows in (task.train, task.valid)
        )
        vocabulary = Vocabulary.of(pairs, settings.vocabulary, backbone.tokenizer)
        with seeded(seed):
            self._prepare(backbone, (first, second), vocabulary)
            Trainer(self._model, vocabulary, pairs, settings).train(seed=seed, progress=progress)
            with torch.no_grad():
                index = np.arange(len(task.valid), dtype=np.int64)
                terms = Trainer(self._model, vocabulary, held_out, settings).terms(index)
        self._measured += [Score(f"{name}_loss", float(term)) for name, term in terms.items()]
        return self

    def _prepare(
        self, backbone: Backbone, aspects: tuple[str, str], vocabulary: Vocabulary
    ) -> None:
        self._backbone, self._aspects, self._vocabulary = backbone, aspects, vocabulary
        pieces = backbone.model.get_input_embeddings().weight
        assert isinstance(pieces, torch.Tensor)
        pieces = pieces.detach().clone()
        model = Autoencoder(pieces, len(vocabulary), self.settings)
        self._model = model.to(backbone.device).eval()
        self._measured: list[Score] = []
        self._last: tuple[tuple[str, ...], Representation] | None = None

    def encode(self, texts: Sequence[str], aspect: str) -> Representation:
        if not hasattr(self, "_model"):
            raise UserError(f"{self.name} must be fitted or loaded before it can encode")
        if aspect not in self._aspects:
            raise UnknownNameError("aspect", aspect, self._aspects)
        means = self._means(tuple(texts))
        size = self.settings.semantic_size
        return (means[:, :size] if aspect == self._aspects[0] else means[:, size:]).copy()

    def _means(self, texts: tuple[str, ...]) -> Representation:
        """Means of both latents side by side, kept until other texts come."""
        if self._last is None or self._last[0] != texts:
            tokens = tokenise(self._backbone, texts, self.settings.max_tokens)

            def forward(index: IntArray) -> Tensor:
                posterior = self._model.posterior(*tokens.batch(index))
                return torch.cat([posterior.direction, posterior.mean], dim=1)

            width = self.settings.semantic_size + self.settings.syntactic_size
            self._last = (texts, encode_batches(tokens, width, forward))
        return self._last[1]

    def save(self, folder: Path) -> None:
        write_artifact(
            folder,
            {
                **{f"model.{name}": part for name, part in self._model.state_dict().items()},
                "vocabulary": self._vocabulary.pieces,
            },
            method=self.name,
            settings=self.settings,
            aspects=dict.fromkeys(self._aspects, 0),
            backbone=self._backbone,
        )

    def load(self, folder: Path, backbone: Backbone) -> Self:
        tensors, config = read_artifact(folder, method=self.name, backbone=backbone)
        with reading(folder):
            self.settings = self.Settings(**config["settings"])
            first, second = config["aspects"]
            vocabulary = Vocabulary(tensors["vocabulary"], len(backbone.tokenizer))
            with seeded(0):
                self._prepare(backbone, (first, second), vocabulary)
            self._model.load_state_dict(
                {k.removeprefix("model."): v for k, v in tensors.items() if k[:6] == "model."}
            )
        return self

    @property
    def trainable_parameters(self) -> int:
        return sum(p.numel() for p in self._model.parameters())

    def scores(self) -> list[Score]:
        return self._measured

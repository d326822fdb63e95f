"""The method `vgvae`."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn

from baselines.drlst.vocabulary import Vocabulary
from baselines.vgvae.model import Autoencoder, VgvaeSettings
from baselines.vgvae.training import terms, train
from data.rows import IntArray
from data.triplets import TripletTask
from harness.contract.method import Representation
from harness.contract.scores import Score
from harness.contract.stored import StoredMethod
from harness.encoders.device import seeded
from harness.encoders.encoding import encode_batches, tokenise
from harness.system.progress import Progress

WITHOUT = {
    "no-paraphrase": {"paraphrase": 0.0},
    "no-discriminative": {"discriminative": 0.0},
    "no-position": {"position": 0.0},
    "no-kl": {"semantic_kl": 0.0, "syntactic_kl": 0.0},
}
"""Variants with one term of the objective left out."""


class Vgvae(StoredMethod):
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

    def learn(self, task: TripletTask, *, seed: int, progress: Progress) -> None:
        settings = self.settings
        pairs, held_out = (
            tokenise(self.backbone, rows.texts[: 2 * len(rows)], settings.max_tokens)
            for rows in (task.train, task.valid)
        )
        vocabulary = Vocabulary.of(pairs, settings.vocabulary, self.backbone.tokenizer)
        with seeded(seed):
            self._prepare(vocabulary)
            model = self._model
            train(model, vocabulary, pairs, held_out, settings, seed=seed, progress=progress)
            with torch.no_grad():
                index = np.arange(len(task.valid), dtype=np.int64)
                found = terms(model, vocabulary, held_out, index, settings)
        self._measured += [Score(f"{name}_loss", float(term)) for name, term in found.items()]

    def _prepare(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        pieces = self.backbone.model.get_input_embeddings().weight
        assert isinstance(pieces, torch.Tensor)
        model = Autoencoder(pieces.detach().clone(), len(vocabulary), self.settings)
        self._model = model.to(self.backbone.device).eval()
        self._measured: list[Score] = []

    def represent(self, texts: tuple[str, ...], aspect: str) -> Representation:
        means, size = self.kept_for(texts, lambda: self._means(texts)), self.settings.semantic_size
        return (means[:, size:] if self.place_of(aspect) else means[:, :size]).copy()

    def _means(self, texts: tuple[str, ...]) -> Representation:
        """Means of both latents side by side."""
        tokens = tokenise(self.backbone, texts, self.settings.max_tokens)

        def forward(index: IntArray) -> Tensor:
            posterior = self._model.posterior(*tokens.batch(index))
            return torch.cat([posterior.direction, posterior.syntactic.mean], dim=1)

        width = self.settings.semantic_size + self.settings.syntactic_size
        return encode_batches(tokens, width, forward)

    def learned(self) -> Mapping[str, nn.Module]:
        return {"model": self._model}

    def extras(self) -> Mapping[str, Tensor]:
        return {"vocabulary": self._vocabulary.pieces}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        with seeded(0):
            self._prepare(Vocabulary(tensors["vocabulary"], len(self.backbone.tokenizer)))

    def scores(self) -> list[Score]:
        return self._measured

"""How a model of texts as pieces is asked: posteriors, likelihoods and what it writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from baselines.text_vae.model import TextModel
from baselines.text_vae.pieces import Pieces, piece_ids
from baselines.text_vae.sequences import Sequences
from harness.contract.scores import Score
from harness.contract.stored import StoredLearner
from harness.evaluation.text.families import Gaussian
from harness.evaluation.text.latents import FloatArray, Posterior
from harness.evaluation.text.model import LanguageModel

ASKED_TEXTS = 64
"""Texts a batch where nothing is trained."""


class AskedModel(StoredLearner, LanguageModel):
    """A network over pieces of the backbone's tokenizer, which a subclass makes by fitting.

    Its settings say how many `max_pieces` a text has, and whether texts of like length are asked
    together (`bucketed`).
    """

    settings: Any
    _model: TextModel
    _pieces: Pieces

    def evaluated(self, arrays: Mapping[str, FloatArray]) -> Posterior:
        """What the harness measures, from the `arrays` of all texts' posteriors."""
        return Gaussian(**arrays)

    @property
    def model(self) -> TextModel:
        """The network, once fitted or loaded; UserError where it was neither."""
        self.check_ready()
        return self._model

    def _sequences(self, texts: Sequence[str]) -> Sequences:
        """Numbered texts, kept until others come: samples of one set of texts follow each other."""
        key = tuple(texts)

        def numbered() -> Sequences:
            ids = piece_ids(self.backbone.tokenizer, key, self.settings.max_pieces)
            return Sequences(ids, self._pieces, self.backbone.device)

        return self.kept_for(key, numbered)

    @torch.inference_mode()
    def posterior(self, texts: Sequence[str]) -> Posterior:
        model, sequences = self.model, self._sequences(texts)
        assert model.maps is not None
        none = model.maps(torch.zeros(0, model.pair.width, device=self.backbone.device)).arrays()
        arrays = {k: np.zeros((len(sequences), v.shape[1])) for k, v in none.items()}
        for index in sequences.batches(ASKED_TEXTS, bucketed=self.settings.bucketed):
            batch = sequences.batch(index)
            for name, found in model.posterior(batch.ids, batch.mask).arrays().items():
                arrays[name][index] = found.cpu().numpy()
        return self.evaluated(arrays)

    @torch.inference_mode()
    def log_likelihood(self, texts: Sequence[str], latents: FloatArray | None) -> FloatArray:
        model, sequences = self.model, self._sequences(texts)
        samples = 1 if latents is None else len(latents)
        found = np.zeros((samples, len(sequences)))
        for index in sequences.batches(ASKED_TEXTS, bucketed=self.settings.bucketed):
            batch = sequences.batch(index)
            for sample in range(samples):
                drawn = None if latents is None else self._tensor(latents[sample, index])
                found[sample, index] = -model.nats(drawn, batch).double().cpu().numpy()
        return found

    def _tensor(self, latents: FloatArray) -> Tensor:
        return torch.from_numpy(latents.astype(np.float32)).to(self.backbone.device)

    def decode(self, latents: FloatArray) -> list[str]:
        longest = self.settings.max_pieces
        numbers: list[list[int]] = []
        for start in range(0, len(latents), ASKED_TEXTS):
            drawn = self._tensor(latents[start : start + ASKED_TEXTS])
            numbers += self.model.greedy(drawn, longest)
        return self._written(numbers)

    def normalised(self, texts: Sequence[str]) -> list[str]:
        sequences = self._sequences(texts)
        return self._written([sequences.numbers(i) for i in range(len(sequences))])

    def _written(self, numbers: Sequence[Sequence[int]]) -> list[str]:
        tokenizer = self.backbone.tokenizer
        unknown = tokenizer.unk_token_id
        ids = [self._pieces.ids(text, unknown) for text in numbers]
        written: list[str] = tokenizer.batch_decode(ids, clean_up_tokenization_spaces=False)
        return written

    def learned(self) -> Mapping[str, nn.Module]:
        return {"model": self.model}

    def scores(self) -> list[Score]:
        return [Score("pieces", float(len(self._pieces)))]

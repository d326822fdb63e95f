"""How models of texts as pieces are stored, and asked: posteriors, likelihoods, what they write."""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from baselines.text_vae.model import TextModel
from baselines.text_vae.pieces import Frame, Pieces, piece_ids
from baselines.text_vae.sequences import Sequences
from baselines.text_vae.transformer import frame_of
from harness.contract.scores import Score
from harness.contract.stored import StoredLearner
from harness.encoders.backbones import Backbone
from harness.evaluation.text.families import Gaussian
from harness.evaluation.text.latents import FloatArray, Posterior
from harness.evaluation.text.model import LanguageModel

ASKED_TEXTS = 64
"""Texts a batch where nothing is trained."""

Network = TypeVar("Network", bound=nn.Module)


class PieceLearner(StoredLearner, Generic[Network]):
    """A network over pieces of the backbone's tokenizer, which a subclass makes by fitting."""

    _model: Network
    _pieces: Pieces

    def frame(self, backbone: Backbone) -> Frame:
        """What is put around a text; UserError where the backbone's family is unknown."""
        return frame_of(backbone)

    @property
    def model(self) -> Network:
        """The network, once fitted or loaded; UserError where it was neither."""
        self.check_ready()
        return self._model

    def _tensor(self, latents: FloatArray) -> Tensor:
        return torch.from_numpy(latents.astype(np.float32)).to(self.backbone.device)

    def _written(self, numbers: Sequence[Sequence[int]]) -> list[str]:
        """Texts of numbered pieces."""
        unknown = self.backbone.tokenizer.unk_token_id
        return self._decoded([self._pieces.ids(text, unknown) for text in numbers])

    def _decoded(self, ids: Sequence[Sequence[int]]) -> list[str]:
        tokenizer = self.backbone.tokenizer
        texts: list[str] = tokenizer.batch_decode(ids, clean_up_tokenization_spaces=False)
        return texts

    def learned(self) -> Mapping[str, nn.Module]:
        return {"model": self.model}

    def extras(self) -> Mapping[str, Tensor]:
        return {"pieces.known": self._pieces.known, "pieces.counts": self._pieces.counts}

    def _stored_pieces(self, tensors: Mapping[str, Tensor]) -> Pieces:
        """From what `extras` gave."""
        frame, vocabulary = self.frame(self.backbone), len(self.backbone.tokenizer)
        return Pieces(tensors["pieces.known"], vocabulary, frame, tensors["pieces.counts"])


class AskedModel(PieceLearner[TextModel], LanguageModel):
    """A model of single texts.

    Its settings say how many `max_pieces` a text has, and whether texts of like length are asked
    together (`bucketed`).
    """

    settings: Any

    def evaluated(self, arrays: Mapping[str, FloatArray]) -> Posterior:
        """What the harness measures, from the `arrays` of all texts' posteriors."""
        return Gaussian(**arrays)

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

    def scores(self) -> list[Score]:
        return [Score("pieces", float(len(self._pieces)))]

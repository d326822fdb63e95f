"""The method `response-vae`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from baselines.response_vae.model import ResponseModel as Network
from baselines.response_vae.settings import ResponseVaeSettings
from baselines.response_vae.training import ResponseLoss
from baselines.text_vae.asked import ASKED_TEXTS, PieceLearner
from baselines.text_vae.pieces import Pieces, piece_ids
from baselines.text_vae.sequences import Batch, IntArray, Sequences, epoch_batches
from baselines.text_vae.settings import TextVaeSettings
from baselines.text_vae.transformer import transformer_pair
from data.responses import Reply, ResponseTask
from harness.encoders.backbones import Backbone
from harness.encoders.device import seeded
from harness.evaluation.text.families import Gaussian
from harness.evaluation.text.latents import FloatArray
from harness.evaluation.text.responses import ResponseModel
from harness.system.progress import Progress
from harness.training.checkpoint import Checkpoint
from harness.training.settings import StoppingSettings
from harness.training.steps import run_steps


class ResponseVae(PieceLearner[Network], ResponseModel):
    """A conditional text VAE with K draws of its latent. Source: Sato et al. 2021.

    By default the draw under which the response is the most probable is trained on (speculative
    sampling). `single` is K = 1, `averaged-5` decodes from the mean of the draws, `bound-5` trains
    on the importance-weighted bound (Burda et al. 2016).
    """

    name = "response-vae"
    Settings = ResponseVaeSettings
    main_variants = ("default", "single", "samples-20", "averaged-5", "bound-5")
    variants = {
        "single": {"samples": 1},
        "samples-20": {"samples": 20},
        "averaged-5": {"draws": "averaged"},
        "bound-5": {"draws": "bound"},
        "single-monotone": {"samples": 1, "annealing": "monotone"},
        "single-cyclical": {"samples": 1, "annealing": "cyclical"},
        "single-bag-of-words": {"samples": 1, "bag_of_words": 1.0},
    }
    profiles = {
        "smoke": {
            "steps": 4,
            "batch_texts": 8,
            "max_pieces": 24,
            "latent_size": 8,
            "encoder_layers": 1,
            "decoder_layers": 1,
        },
        "quick": {"steps": 60, "batch_texts": 32, "encoder_layers": 2, "decoder_layers": 2},
    }

    @property
    def latent_size(self) -> int:
        size: int = self.settings.latent_size
        return size

    def learn(self, task: ResponseTask, *, seed: int, progress: Progress) -> None:
        settings, backbone = self.settings, self.backbone
        replies = task.train.replies()
        contexts, responses = self._ids([r.context for r in replies], [r[1] for r in replies])
        known = [*responses, *contexts]
        pieces = Pieces.of(known, len(backbone.tokenizer), self.frame(backbone))
        with seeded(seed):
            self.prepare(backbone, pieces)
            batches = _Batches(self._sequences(contexts, responses), settings.batch_texts, seed)
            checkpoint = Checkpoint(
                self.checkpoint, self.name, settings, seed, backbone.weights_hash, replies
            )
            loss = ResponseLoss(self._model, settings, pieces=batches.mean_pieces)
            outcome = run_steps(
                loss.optimiser(),
                settings.steps,
                lambda: next(batches),
                lambda step, batch: loss.backward(step, *batch, seed=seed),
                clip=settings.clip,
                progress=progress,
                # All variants take the same steps.
                stopping=StoppingSettings(patience=0),
                checkpoint=checkpoint,
            )
            checkpoint.remove()
        assert outcome.last_step == settings.steps
        self._model.eval()

    def prepare(self, backbone: Backbone, pieces: Pieces) -> None:
        """An untrained model for known pieces; new weights are drawn by torch's generator."""
        self.remember(backbone, {})
        settings = self.settings
        kept = TextVaeSettings(
            encoder_layers=settings.encoder_layers,
            decoder_layers=settings.decoder_layers,
            dropout=settings.dropout,
        )
        self._pieces = pieces
        pair = transformer_pair(backbone, pieces, kept, 0, conditional=True)
        self._model = Network(pair, pieces, settings).to(backbone.device)

    def _ids(self, *texts: Sequence[str]) -> list[list[list[int]]]:
        tokenizer, longest = self.backbone.tokenizer, self.settings.max_pieces
        return [piece_ids(tokenizer, part, longest) for part in texts]

    def _sequences(self, *ids: list[list[int]]) -> tuple[Sequences, ...]:
        return tuple(Sequences(part, self._pieces, self.backbone.device) for part in ids)

    def _asked(self, texts: Sequence[Reply]) -> Iterator[tuple[IntArray, Batch, Batch]]:
        """Positions, contexts and responses of batches of like length."""
        key = tuple(texts)

        def numbered() -> tuple[Sequences, ...]:
            return self._sequences(*self._ids([r.context for r in key], [r[1] for r in key]))

        contexts, responses = self.kept_for(key, numbered)
        for index in responses.batches(ASKED_TEXTS, bucketed=True):
            yield index, contexts.batch(index), responses.batch(index)

    @torch.inference_mode()
    def posterior(self, texts: Sequence[Reply]) -> Gaussian:
        model = self.model
        means = np.zeros((len(texts), self.latent_size))
        log_variances = np.zeros_like(means)
        for index, context, response in self._asked(texts):
            read = model.read(context)
            found = model.posterior(read, model.read(response)).relative_to(model.prior(read))
            means[index] = found.mean.cpu().numpy()
            log_variances[index] = found.log_variance.cpu().numpy()
        return Gaussian(means, log_variances)

    @torch.inference_mode()
    def log_likelihood(self, texts: Sequence[Reply], latents: FloatArray) -> FloatArray:
        model = self.model
        found = np.zeros((len(latents), len(texts)))
        for index, context, response in self._asked(texts):
            read = model.read(context)
            prior, decoded = model.prior(read), model.decoded(read, response)
            for sample, drawn in enumerate(latents):
                nats = model.nats(decoded, prior.at(self._tensor(drawn[index])))
                found[sample, index] = -nats.double().cpu().numpy()
        return found

    @torch.inference_mode()
    def respond(self, contexts: Sequence[str], latents: FloatArray) -> list[str]:
        model = self.model
        (sequences,) = self._sequences(*self._ids(contexts))
        written: list[list[int]] = [[] for _ in contexts]
        for index in sequences.batches(ASKED_TEXTS, bucketed=True):
            read = model.read(sequences.batch(index))
            drawn = model.prior(read).at(self._tensor(latents[index]))
            numbers = model.greedy(read, drawn, self.settings.max_pieces)
            for place, text in zip(index, numbers, strict=True):
                written[place] = text
        return self._written(written)

    def normalised(self, texts: Sequence[str]) -> list[str]:
        (ids,) = self._ids(texts)
        return self._decoded(ids)

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        with seeded(0):
            self.prepare(self.backbone, self._stored_pieces(tensors))
        self._model.eval()


class _Batches:
    """Pairs of contexts and responses, epoch after epoch, responses of like length together."""

    def __init__(self, both: tuple[Sequences, ...], size: int, seed: int) -> None:
        self._contexts, self._responses = both
        self._size, self._seed, self._epoch = size, seed, 0
        self._left: list[Any] = []

    @property
    def mean_pieces(self) -> float:
        """Of a response, its end included."""
        return float(self._responses.lengths.mean()) + 1

    def __next__(self) -> tuple[Batch, Batch]:
        if not self._left:
            lengths = self._responses.lengths
            self._left = epoch_batches(lengths, self._size, seed=self._seed, epoch=self._epoch)
            self._epoch += 1
        index = self._left.pop()
        return self._contexts.batch(index), self._responses.batch(index)

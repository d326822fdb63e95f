"""The method `drlst`, and what all its forms share: how they are fitted, used and stored."""

from abc import abstractmethod
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.drlst.bags import content_words
from baselines.drlst.encoders import Encoder, GruEncoder
from baselines.drlst.model import Autoencoder, Decoder
from baselines.drlst.settings import DrlstSettings
from baselines.drlst.sources import answers_of, source_of
from baselines.drlst.training import Trainer
from baselines.drlst.vocabulary import Vocabulary
from data.rows import IntArray, Rows, TrainingTask
from data.texts import LabelledTextTask
from data.triplets import TripletRows, TripletTask
from harness.contract.dial import Dial
from harness.contract.method import Representation
from harness.contract.scores import Score
from harness.contract.search import Choice, Range
from harness.contract.stored import StoredMethod
from harness.encoders.backbones import Backbone
from harness.encoders.device import seeded
from harness.encoders.encoding import encode_batches, tokenise
from harness.system.progress import Progress
from harness.training.adversaries import cell_accuracy, pairs
from harness.training.settings import SMOKE
from harness.training.sources import held_batches, to_validate

WITHOUT = {
    "no-multitask": {"multitask": 0.0},
    "no-adversary": {"adversary": 0.0},
    "no-kl": {"kl": 0.0},
    "no-bag-of-words": {"bag_of_words": 0.0, "bag_adversary": 0.0},
    "no-reconstruction": {"reconstruction": 0.0},
}
"""Variants with one term of the objective left out."""


class DisentangledAutoencoder(StoredMethod):
    """A variational autoencoder of texts with a latent for each aspect: the means of q(z_a|x).

    A subclass says what encodes the texts, and what decodes them where it is no GRU.
    """

    Settings = DrlstSettings
    search = {
        "steps": Range(150, 400),
        "batch_texts": Choice((32, 64)),
        "encoder_rate": Range(1e-4, 3e-3, "log"),
        "adversary_rate": Range(1e-3, 3e-2, "log"),
        "adversary": Range(0.3, 3.0, "log"),
        "kl": Range(3e-3, 0.3, "log"),
    }
    variants = WITHOUT
    dial = Dial("adversary", (0.3, 3.0))
    profiles = {
        "smoke": {**SMOKE, "units": 32, "embedding": 16, "max_tokens": 32, "target_tokens": 16},
        "quick": {"steps": 100, "batch_texts": 32},
    }

    @abstractmethod
    def _build_encoder(self, backbone: Backbone, vocabulary: Vocabulary) -> Encoder:
        """The encoder, its weights drawn by torch's generator where they are new."""

    def _build_decoder(
        self, encoder: Encoder, backbone: Backbone, vocabulary: Vocabulary, latent: int
    ) -> nn.Module:
        """What writes the texts from latents of this width together; called as `Decoder` is."""
        return Decoder(len(vocabulary), latent, self.settings)

    def learn(
        self, task: TrainingTask | TripletTask | LabelledTextTask, *, seed: int, progress: Progress
    ) -> None:
        task = task.labelled if isinstance(task, LabelledTextTask) else task
        settings, tokenizer = self.settings, self.backbone.tokenizer
        self.aspects = answers_of(task)
        tokens = tokenise(self.backbone, task.train.texts, settings.max_tokens)
        vocabulary = Vocabulary.of(tokens, settings.vocabulary, tokenizer)
        words = content_words(vocabulary, tokens, task.train, settings.content, tokenizer)
        with seeded(seed):
            self._prepare(vocabulary, words)
            source = source_of(task, settings.batch_texts, seed=seed)
            held_out = source_of(to_validate(task), settings.batch_texts, seed=seed)
            batches = held_batches(held_out, len(task.valid.texts), settings.batch_texts)
            read = self._model.encoder.read
            Trainer(self._model, source, vocabulary, self._words, settings).train(
                read(task.train.texts), (read(task.valid.texts), batches), progress=progress
            )
            self._measured += self._measures(task.valid)

    def _prepare(self, vocabulary: Vocabulary, words: Tensor) -> None:
        backbone = self.backbone
        self._vocabulary, self._words = vocabulary, words.to(backbone.device)
        encoder = self._build_encoder(backbone, vocabulary)

        def build_decoder(latent: int) -> nn.Module:
            return self._build_decoder(encoder, backbone, vocabulary, latent)

        model = Autoencoder(encoder, build_decoder, len(words), self.aspects, self.settings)
        self._model = model.to(backbone.device).eval()
        self._measured: list[Score] = []

    def _measures(self, rows: Rows | TripletRows) -> list[Score]:
        """Accuracies of the adversaries, reconstruction and KL, on validation rows.

        `adversary_accuracy`, where there are labels, is that of each aspect's adversaries on the
        means of q, the mean over the cells. `reconstruction`, from one draw of q by torch's
        generator, and `kl`, over all latents, are in nats a text.
        """
        model, cut = self._model, self.settings.target_tokens
        reading = model.encoder.read(rows.texts)
        labels = rows.labels if isinstance(rows, Rows) else {}
        right = {
            (latent, aspect): np.zeros(len(reading.tokens), dtype=bool)
            for latent, aspect in pairs(labels)
        }
        nats = divergence = 0.0
        with torch.inference_mode():
            for index in reading.tokens.batches_by_length():
                posterior = model.posterior(reading.vectors(index))
                for (latent, aspect), hits in right.items():
                    logits = model.adversaries.logits(latent, aspect, posterior[latent].mean)
                    hits[index] = logits.argmax(1).cpu().numpy() == labels[aspect][index]
                ids, mask = reading.tokens.batch(index)
                joint = torch.cat([gaussian.sample() for gaussian in posterior.values()], dim=1)
                logits, targets = model.decoder(
                    joint, self._vocabulary.index(ids[:, :cut]), mask[:, :cut]
                )
                nats += float(F.cross_entropy(logits, targets)) * len(targets)
                divergence += sum(float(q.kl().sum(1).sum()) for q in posterior.values())
        return [
            *(
                Score("adversary_accuracy", cell_accuracy(hits, rows.cells), latent, aspect)
                for (latent, aspect), hits in right.items()
                if isinstance(rows, Rows)
            ),
            Score("reconstruction", nats / len(reading.tokens)),
            Score("kl", divergence / len(reading.tokens)),
        ]

    def represent(self, texts: tuple[str, ...], aspect: str) -> Representation:
        means = self.kept_for(texts, lambda: self._means(texts))
        return means[:, self.columns(aspect)].copy()

    @property
    def network(self) -> Autoencoder:
        """The network, once fitted or loaded; UserError where it was neither."""
        self.check_ready()
        return self._model

    def columns(self, aspect: str) -> slice:
        """Where an aspect's latent stands among the means of all."""
        sizes = self.network.sizes
        start = sum(sizes[name] for name in list(sizes)[: list(sizes).index(aspect)])
        return slice(start, start + sizes[aspect])

    def _means(self, texts: tuple[str, ...]) -> Representation:
        """Means of all latents side by side."""
        reading = self._model.encoder.read(texts)

        def forward(index: IntArray) -> Tensor:
            posterior = self._model.posterior(reading.vectors(index))
            return torch.cat([gaussian.mean for gaussian in posterior.values()], dim=1)

        return encode_batches(reading.tokens, sum(self._model.sizes.values()), forward)

    def learned(self) -> Mapping[str, nn.Module]:
        return {"model": self._model}

    def extras(self) -> Mapping[str, Tensor]:
        return {"vocabulary": self._vocabulary.pieces, "words": self._words}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        vocabulary = Vocabulary(tensors["vocabulary"], len(self.backbone.tokenizer))
        with seeded(0):
            self._prepare(vocabulary, tensors["words"])

    def scores(self) -> list[Score]:
        return self._measured


class Drlst(DisentangledAutoencoder):
    """A GRU autoencoder with a latent for each aspect, from scratch. Source: John et al. 2019.

    A bidirectional GRU reads the text, each latent is Gaussian, and a GRU rebuilds the text from
    all of them; `losses` has the objective. The representation is the mean of q(z_a|x).

    Pieces of the backbone's tokenizer stand for words. The published training took tens of
    thousands of steps; with a few hundred, adversaries at its rate of 1e-3 stay behind the encoder
    and leave in what they should drive out, so theirs is ten times that.
    """

    name = "drlst"
    kinds = ("aspects", "factors")
    studies = {"aspects": {"no-multitask": 1, "no-adversary": 1, "no-kl": 1}}

    def _build_encoder(self, backbone: Backbone, vocabulary: Vocabulary) -> Encoder:
        return GruEncoder(backbone, vocabulary, self.settings)

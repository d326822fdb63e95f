"""How the autoencoder and its adversaries are trained, and what is measured afterwards."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from baselines.drlst.bags import bags_of
from baselines.drlst.encoders import Reading
from baselines.drlst.losses import bag_loss, kl_factor, reconstruction_loss
from baselines.drlst.model import Autoencoder
from baselines.drlst.settings import DrlstSettings
from baselines.drlst.sources import Source
from baselines.drlst.vocabulary import Vocabulary
from data.rows import IntArray
from harness.system.progress import Progress
from harness.training.objectives import classification_loss
from harness.training.steps import run_steps


class Trainer:
    """Alternates a step of the adversaries with one of the autoencoder on each batch.

    Parameters
    ----------
    source : of the batches.
    words : int64 [words], the vocabulary's indices that a bag counts.
    """

    def __init__(
        self,
        model: Autoencoder,
        source: Source,
        vocabulary: Vocabulary,
        words: Tensor,
        settings: DrlstSettings,
    ) -> None:
        self._model, self._source = model, source
        self._vocabulary, self._words, self._settings = vocabulary, words, settings

    def train(self, reading: Reading, *, progress: Progress) -> None:
        """Train in place; draws come from torch's generator."""
        model, settings = self._model, self._settings
        encoder, own = list(model.encoder.parameters()), model.own_parameters()
        optimiser = torch.optim.Adam(
            [
                *model.encoder.groups(settings.encoder_rate),
                {"params": own, "lr": settings.rate},
            ],
            fused=True,
        )
        opponent = torch.optim.RMSprop(model.adversaries.parameters(), lr=settings.adversary_rate)

        def backward(step: int) -> float:
            index, labels = self._source.draw()
            adversaries, autoencoder = self.losses(reading, index, labels, step)
            opponent.zero_grad()
            adversaries.backward()  # type: ignore[no-untyped-call]
            autoencoder.backward()  # type: ignore[no-untyped-call]
            opponent.step()
            return float(autoencoder.item())

        model.train()
        run_steps(
            optimiser,
            settings.steps,
            backward,
            clip=settings.clip,
            progress=progress,
            clipped=[*encoder, *own],
        )
        model.eval()

    def losses(
        self, reading: Reading, index: IntArray, labels: Mapping[str, Tensor], step: int
    ) -> tuple[Tensor, Tensor]:
        """The adversaries' loss and the autoencoder's, two scalars that share no parameters.

        Parameters
        ----------
        index : int64 [texts], positions of a batch.
        labels : int64 for each aspect, as the source gives them.
        step : fixes how far the KL is annealed.
        """
        model, settings, answer = self._model, self._settings, self._source.answer
        ids, mask = reading.tokens.batch(index)
        indices = self._vocabulary.index(ids)
        bags = bags_of(indices, mask, self._words)
        posterior = model.posterior(reading.vectors(index))
        latents = {name: gaussian.sample() for name, gaussian in posterior.items()}
        joint = torch.cat(list(latents.values()), dim=1)
        cut = settings.target_tokens
        rebuilt = reconstruction_loss(*model.decoder(joint, indices[:, :cut], mask[:, :cut]))
        kl = sum((gaussian.kl().sum(1).mean() for gaussian in posterior.values()), torch.zeros(()))
        classified = sum(
            (
                classification_loss(answer(name, head(latents[name])), labels[name])
                for name, head in model.classifiers.items()
            ),
            torch.zeros(()),
        )
        loss = (
            settings.reconstruction * rebuilt
            + settings.kl * kl_factor(step, settings.steps, settings.annealing) * kl
            + settings.multitask * classified
            + settings.bag_of_words * bag_loss(model.bag(latents[model.content]), bags)
            - settings.adversary * model.adversaries.label_entropy(latents, answer)
            - settings.bag_adversary * model.adversaries.bag_entropy(latents)
        )
        return model.adversaries.loss(latents, labels, bags, answer), loss

"""How the autoencoder and its adversaries are trained, and what is measured afterwards."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.drlst.bags import bags_of
from baselines.drlst.encoders import Reading
from baselines.drlst.losses import bag_loss, kl_factor
from baselines.drlst.model import Autoencoder
from baselines.drlst.settings import DrlstSettings
from baselines.drlst.sources import Source
from baselines.drlst.vocabulary import Vocabulary
from data.rows import IntArray
from harness.encoders.device import seeded
from harness.system.progress import Progress
from harness.training.objectives import classification_loss
from harness.training.steps import backpropagated, run_steps

Batch = tuple[IntArray, Mapping[str, Tensor]]
Held = tuple[Reading, Sequence[Batch]]


def descend(
    model: nn.Module,
    optimiser: torch.optim.Optimizer,
    settings: Any,
    draw: Callable[[], Any],
    backward: Callable[[int, Any], float | Tensor],
    held_out_loss: Callable[[], float],
    *,
    progress: Progress,
) -> None:
    """Train a model in place by `run_steps`; its last parameter is asked in evaluation mode.

    `settings`: those of the method, with steps, clip, and when to stop.
    """

    @torch.no_grad()
    def validate() -> float:
        model.eval()
        with seeded(0):
            loss = held_out_loss()
        model.train()
        return loss

    model.train()
    run_steps(
        optimiser,
        settings.steps,
        draw,
        backward,
        clip=settings.clip,
        progress=progress,
        stopping=settings,
        validate=validate,
    )
    model.eval()


class Trainer:
    """Alternates a step of the adversaries with one of the autoencoder on each batch.

    `source`: of the batches. `words`: int64 [words], the vocabulary's indices that a bag counts.
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

    def train(self, reading: Reading, held_out: Held, *, progress: Progress) -> None:
        """Train in place; draws come from torch's generator.

        `held_out`: validation texts, and always the same batches of them.
        """
        model, settings = self._model, self._settings
        optimiser = torch.optim.Adam(
            [
                *model.encoder.groups(settings.encoder_rate),
                {"params": model.own_parameters(), "lr": settings.rate},
            ],
            fused=True,
        )
        opponent = torch.optim.RMSprop(model.adversaries.parameters(), lr=settings.adversary_rate)

        def backward(step: int, batch: Batch) -> Tensor:
            adversaries, autoencoder = self.losses(reading, batch, step)
            opponent.zero_grad()
            backpropagated(adversaries)
            loss = backpropagated(autoencoder)
            opponent.step()
            return loss

        def held_out_loss() -> float:
            # Without the adversaries, whose own strength changes.
            read, batches = held_out
            found = [float(self.objective(read, b, settings.steps)[0]) for b in batches]
            return sum(found) / len(found)

        draw = self._source.draw
        descend(model, optimiser, settings, draw, backward, held_out_loss, progress=progress)

    def losses(self, reading: Reading, batch: Batch, step: int) -> tuple[Tensor, Tensor]:
        """The adversaries' loss and the autoencoder's, two scalars that share no parameters.

        `batch`: positions of the texts, int64 [texts], and the labels that the source gives.
        `step`: fixes how far the KL is annealed.
        """
        adversaries, settings, answer = self._model.adversaries, self._settings, self._source.answer
        own, latents, bags = self.objective(reading, batch, step)
        against = settings.adversary * adversaries.label_entropy(
            latents, answer
        ) + settings.bag_adversary * adversaries.bag_entropy(latents)
        return adversaries.loss(latents, batch[1], bags, answer), own - against

    def objective(
        self, reading: Reading, batch: Batch, step: int
    ) -> tuple[Tensor, dict[str, Tensor], Tensor]:
        """What the autoencoder minimises by itself, with the latents and the bags of the batch."""
        model, settings, (index, labels) = self._model, self._settings, batch
        ids, mask = reading.tokens.batch(index)
        indices = self._vocabulary.index(ids)
        bags = bags_of(indices, mask, self._words)
        posterior = model.posterior(reading.vectors(index))
        latents = {name: gaussian.sample() for name, gaussian in posterior.items()}
        joint = torch.cat(list(latents.values()), dim=1)
        cut = settings.target_tokens
        rebuilt = F.cross_entropy(*model.decoder(joint, indices[:, :cut], mask[:, :cut]))
        kl = sum((gaussian.kl().sum(1).mean() for gaussian in posterior.values()), torch.zeros(()))
        classified = sum(
            (
                classification_loss(self._source.answer(name, head(latents[name])), labels[name])
                for name, head in zip(model.aspects, model.classifiers, strict=True)
            ),
            torch.zeros(()),
        )
        own = (
            settings.reconstruction * rebuilt
            + settings.kl * kl_factor(step, settings.steps, settings.annealing) * kl
            + settings.multitask * classified
            + settings.bag_of_words * bag_loss(model.bag(latents[model.content]), bags)
        )
        return own, latents, bags

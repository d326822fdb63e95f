"""The method `adversarial`."""

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from baselines.finetuned import ENCODER_SEARCH, Finetuned, FinetunedSettings
from data.rows import Rows, TrainingTask
from harness.contract.dial import Dial
from harness.contract.scores import Score
from harness.contract.search import Range
from harness.encoders.device import seeded
from harness.system.progress import Progress
from harness.training.adversaries import Adversaries
from harness.training.batches import CellBatches
from harness.training.objectives import reverse_gradient
from harness.training.settings import SMOKE, TRAINED_SEARCH
from harness.training.sources import Batch
from harness.training.steps import backpropagated


@dataclass(frozen=True)
class AdversarialSettings(FinetunedSettings):
    """Beside those of `finetuned`: the adversaries, and how hard the encoder works against them.

    Attributes
    ----------
    adversaries : independent adversaries for each aspect and each other aspect.
    adversary_units, adversary_rate : hidden units of each, and their learning rate.
    reversal : the weight that the reversed gradient rises to.
    adversary_steps : how long they learn on after the encoder has stopped.
    """

    triplet: float = 0.0
    adversaries: int = 3
    adversary_units: int = 128
    adversary_rate: float = 1e-3
    reversal: float = 3.0
    adversary_steps: int = 300


class Adversarial(Finetuned):
    """Finetuned against adversaries behind reversed gradients. Source: Elazar & Goldberg 2018.

    For each aspect a and each other aspect b, several one-hidden-layer adversaries read b from z_a
    (section 5, ensembles); the mean of their losses reaches the encoder with weight `-lambda`.
    Lambda rises from 0 to `reversal` as `2 / (1 + exp(-10 p)) - 1` over the share p of training
    done (Ganin and Lempitsky 2015, 4.1). When the encoder stops, the adversaries learn on: what
    they then read was there all the time, hidden from them by the game and not removed.
    """

    name = "adversarial"
    kinds = ("aspects",)
    Settings = AdversarialSettings
    search = {
        **TRAINED_SEARCH,
        **ENCODER_SEARCH,
        "adversary_rate": Range(3e-4, 1e-2, "log"),
        "reversal": Range(0.3, 10.0, "log"),
    }
    profiles = {**Finetuned.profiles, "smoke": {**SMOKE, "adversary_steps": 3}}
    dial = Dial("reversal", (0.3, 1.0, 10.0))
    _accuracies: list[Score]

    def learn(self, task: TrainingTask, *, seed: int, progress: Progress) -> None:
        super().learn(task, seed=seed, progress=progress)
        stopped = self._adversaries.scores("adversary_accuracy", self.encode, task.valid)
        self._learn_on(task.train, seed)
        learned = self._adversaries.scores("continued_adversary_accuracy", self.encode, task.valid)
        self._accuracies = [*stopped, *learned]

    def _prepare(self, seed: int) -> None:
        super()._prepare(seed)
        settings, width = self.settings, self.backbone.width
        count, units = settings.adversaries, settings.adversary_units
        with seeded(seed):
            adversaries = Adversaries(width, self.aspects, count=count, units=units)
        self._adversaries = adversaries.to(self.backbone.device)
        self._accuracies = []

    def _groups(self) -> list[dict[str, Any]]:
        settings, own = self.settings, list(self._adversaries.parameters())
        rates = {"lr": settings.adversary_rate, "weight_decay": settings.weight_decay}
        return [*super()._groups(), {"params": own, **rates}]

    def _loss(self, aspect: str, vectors: Tensor, batch: Batch, step: int) -> Tensor:
        strength = self.settings.reversal * (
            2 / (1 + math.exp(-10 * step / self.settings.steps)) - 1
        )
        against = self._adversaries.loss(aspect, reverse_gradient(vectors, strength), batch.labels)
        return super()._loss(aspect, vectors, batch, step) + against

    def _learn_on(self, rows: Rows, seed: int) -> None:
        """More steps of the adversaries alone, on vectors that no longer change."""
        where = self.backbone.device
        vectors = {a: torch.from_numpy(self.encode(rows.texts, a)).to(where) for a in self.aspects}
        batches = CellBatches(rows, self.settings.batch_texts, seed=seed)
        (group,) = self._groups()[-1:]
        optimiser = torch.optim.AdamW([group])
        for _ in range(self.settings.adversary_steps):
            index, labels = batches.draw()
            picked = torch.from_numpy(index).to(where)
            losses = [self._adversaries.loss(a, v[picked], labels) for a, v in vectors.items()]
            backpropagated(torch.stack(losses).sum())
            optimiser.step()
            optimiser.zero_grad()

    def scores(self) -> list[Score]:
        return [*super().scores(), *self._accuracies]

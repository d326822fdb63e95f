"""The method `adversarial`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from baselines.finetuned import ENCODER_SEARCH, Finetuned, FinetunedSettings
from data.rows import TrainingTask
from harness.contract.scores import Score
from harness.contract.search import Range
from harness.system.progress import Progress
from harness.training.adversaries import cell_accuracy, pairs
from harness.training.batches import CellBatches
from harness.training.objectives import classification_loss, reverse_gradient
from harness.training.settings import TRAINED_SEARCH


@dataclass(frozen=True)
class AdversarialSettings(FinetunedSettings):
    """Beside those of `finetuned`: the adversaries, and how hard the encoder works against them.

    Attributes
    ----------
    adversaries : independent adversaries for each aspect and each other aspect.
    adversary_units : hidden units of each.
    reversal : the weight that the reversed gradient rises to.
    adversary_steps : how long they learn on after the encoder has stopped.
    """

    triplet: float = 0.0
    adversaries: int = 3
    adversary_units: int = 128
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
        "reversal": Range(0.3, 10.0, "log"),
    }
    profiles = {
        "smoke": {"steps": 3, "batch_texts": 8, "adversary_steps": 3},
        "quick": {"steps": 60},
    }

    def learn(self, task: TrainingTask, *, seed: int, progress: Progress) -> None:
        super().learn(task, seed=seed, progress=progress)
        stopped = self._adversary_accuracy(task)
        self._train_on(task, seed)
        self._scores = [
            Score(metric, value, representation=aspect, factor=other)
            for metric, accuracies in (
                ("adversary_accuracy", stopped),
                ("continued_adversary_accuracy", self._adversary_accuracy(task)),
            )
            for (aspect, other), value in accuracies.items()
        ]

    def _prepare(self, seed: int) -> None:
        super()._prepare(seed)
        self._scores = []

    def _build_parts(self, width: int) -> dict[str, nn.ModuleDict]:
        settings = self.settings

        def adversary(classes: int) -> nn.Module:
            units = settings.adversary_units
            return nn.Sequential(nn.Linear(width, units), nn.ReLU(), nn.Linear(units, classes))

        self._adversaries = {
            (aspect, other): [adversary(self.aspects[other]) for _ in range(settings.adversaries)]
            for aspect, other in pairs(self.aspects)
        }
        named = {"|".join(key): nn.ModuleList(some) for key, some in self._adversaries.items()}
        return {**super()._build_parts(width), "adversaries": nn.ModuleDict(named)}

    def _aspect_loss(self, aspect: str, vectors: Tensor, step: int) -> Tensor:
        strength = self.settings.reversal * (
            2 / (1 + math.exp(-10 * step / self.settings.steps)) - 1
        )
        loss = super()._aspect_loss(aspect, vectors, step)
        reversed_ = reverse_gradient(vectors, strength)
        return loss + self._adversary_loss(aspect, reversed_, self._source.labels)

    def _adversary_loss(self, aspect: str, vectors: Tensor, labels: Mapping[str, Tensor]) -> Tensor:
        """Cross-entropies of the adversaries: their mean, summed over the other aspects."""
        loss = vectors.new_zeros(())
        for (first, other), adversaries in self._adversaries.items():
            if first == aspect:
                each = [classification_loss(read(vectors), labels[other]) for read in adversaries]
                loss = loss + torch.stack(each).mean()
        return loss

    def _train_on(self, task: TrainingTask, seed: int) -> None:
        """More steps of the adversaries alone, on vectors that no longer change."""
        pooled = self._on_device(task.train.texts)
        with torch.no_grad():
            vectors = {aspect: self._maps[aspect](pooled) for aspect in self.aspects}
        batches = CellBatches(task.train, self.settings.batch_texts, seed=seed)
        optimiser = torch.optim.AdamW(
            self._parts["adversaries"].parameters(),
            lr=self.settings.map_rate,
            weight_decay=self.settings.weight_decay,
        )
        for _ in range(self.settings.adversary_steps):
            index, labels = batches.draw()
            picked = torch.from_numpy(index).to(pooled.device)
            losses = [self._adversary_loss(a, v[picked], labels) for a, v in vectors.items()]
            torch.stack(losses).sum().backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            optimiser.zero_grad()

    def _adversary_accuracy(self, task: TrainingTask) -> dict[tuple[str, str], float]:
        """Accuracy on the validation rows: mean over their cells, then over the adversaries."""
        pooled = self._on_device(task.valid.texts)
        accuracies = {}
        for (aspect, other), adversaries in self._adversaries.items():
            found = []
            for adversary in adversaries:
                with torch.inference_mode():
                    guesses = adversary(self._maps[aspect](pooled)).argmax(1).cpu().numpy()
                right = guesses == task.valid.labels[other]
                found.append(cell_accuracy(right, task.valid.cells))
            accuracies[aspect, other] = float(np.mean(found))
        return accuracies

    def scores(self) -> list[Score]:
        return self._scores

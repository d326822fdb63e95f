"""The method `adversarial`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch import Tensor, nn

from baselines.finetuned import Finetuned, FinetunedSettings
from data.rows import TrainingTask
from harness.backbones import Backbone
from harness.objectives import classification_loss, reverse_gradient
from harness.progress import Progress
from harness.scores import Score


@dataclass(frozen=True)
class AdversarialSettings(FinetunedSettings):
    """Beside those of `finetuned`: the adversary's hidden units and the reversal's final weight."""

    triplet: float = 0.0
    adversary_units: int = 128
    reversal: float = 3.0


class Adversarial(Finetuned):
    """Finetuning against an adversary behind a reversed gradient. Source: Elazar & Goldberg 2018.

    For each aspect a and each other aspect b, a one-hidden-layer adversary reads b from z_a; its
    gradient reaches the encoder with weight `-lambda`. Lambda rises from 0 to `reversal` as
    `2 / (1 + exp(-10 p)) - 1` over the share p of training done (Ganin and Lempitsky 2015, 4.1).
    """

    name = "adversarial"
    Settings = AdversarialSettings

    def fit(self, task: TrainingTask, backbone: Backbone, *, seed: int, progress: Progress) -> Self:
        super().fit(task, backbone, seed=seed, progress=progress)
        self._adversary_accuracy = self._measure_adversaries(task)
        return self

    def _build_parts(self, width: int) -> dict[str, nn.Module]:
        units = self.settings.adversary_units
        adversaries = {
            f"{aspect}|{other}": nn.Sequential(
                nn.Linear(width, units), nn.ReLU(), nn.Linear(units, classes)
            )
            for aspect in self._aspects
            for other, classes in self._aspects.items()
            if other != aspect
        }
        return {**super()._build_parts(width), "adversaries": nn.ModuleDict(adversaries)}

    def _aspect_loss(
        self, aspect: str, vectors: Tensor, labels: dict[str, Tensor], step: int
    ) -> Tensor:
        strength = self.settings.reversal * (
            2 / (1 + math.exp(-10 * step / self.settings.steps)) - 1
        )
        loss = super()._aspect_loss(aspect, vectors, labels, step)
        reversed_ = reverse_gradient(vectors, strength)
        for other in self._others(aspect):
            logits = self._adversary(aspect, other)(reversed_)
            loss = loss + classification_loss(logits, labels[other])
        return loss

    def _others(self, aspect: str) -> list[str]:
        return [other for other in self._aspects if other != aspect]

    def _adversary(self, aspect: str, other: str) -> nn.Module:
        adversaries = self._parts["adversaries"]
        assert isinstance(adversaries, nn.ModuleDict)
        return adversaries[f"{aspect}|{other}"]

    def _measure_adversaries(self, task: TrainingTask) -> dict[tuple[str, str], float]:
        """Accuracy of each adversary on the validation rows, the mean over their cells."""
        pooled = self._shared(task.valid.texts)
        cells = [np.flatnonzero(task.valid.cells == c) for c in np.unique(task.valid.cells)]
        accuracies = {}
        for aspect in self._aspects:
            for other in self._others(aspect):
                with torch.inference_mode():
                    vectors = self._maps[aspect](torch.from_numpy(pooled))
                    guesses = self._adversary(aspect, other)(vectors).argmax(1).numpy()
                right = guesses == task.valid.labels[other]
                accuracies[aspect, other] = float(np.mean([right[cell].mean() for cell in cells]))
        return accuracies

    def scores(self) -> list[Score]:
        return [
            Score("adversary_accuracy", value, representation=aspect, factor=other)
            for (aspect, other), value in self._adversary_accuracy.items()
        ]

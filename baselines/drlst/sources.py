"""What the autoencoder is trained on: labelled rows, or triplets whose partners are to be found."""

from collections.abc import Mapping

import torch
from torch import Tensor

from baselines.drlst.adversaries import of_classes
from data.rows import IntArray, TrainingTask
from data.triplets import TripletTask
from harness.training.batches import CellBatches, TripletBatches

PARTNER_SIZE = 64
"""Numbers that a classifier gives for a text whose partner is to be found."""


class Labels(CellBatches):
    """Labelled rows, drawn evenly over the cells; there are classes to find."""

    answer = staticmethod(of_classes)


class Partners:
    """Triplets without labels: the partner of x0 is to be found among 2n texts of the batch.

    Which triplet a text belongs to takes the place of its class: for the first aspect x0's partner
    is its x1, for the second its x2, and the batch's other x1 and x2 are the negatives. The logit
    of a text is the inner product of its own and x0's output.

    `size`: texts a batch, three a triplet.
    """

    def __init__(self, task: TripletTask, size: int, *, seed: int) -> None:
        self._aspects = tuple(aspect.name for aspect in task.aspects)
        self._batches = TripletBatches(len(task.train), size, seed=seed)

    def draw(self) -> tuple[IntArray, Mapping[str, Tensor]]:
        """Positions of a batch's texts, and for each aspect the right answers, int64."""
        index = self._batches.draw()
        return index, dict.fromkeys(self._aspects, torch.arange(len(index) // 3))

    def answer(self, aspect: str, said: Tensor) -> Tensor:
        """From [3n, PARTNER_SIZE] to [n, 2n]: the own partner's logits on the diagonal."""
        anchors, first, second = said.chunk(3)
        partners, others = (first, second) if aspect == self._aspects[0] else (second, first)
        logits: Tensor = anchors @ torch.cat([partners, others]).T / PARTNER_SIZE**0.5
        return logits


Source = Labels | Partners


def source_of(task: TrainingTask | TripletTask, size: int, *, seed: int) -> Source:
    """Batches of `size` texts in an order that `seed` fixes."""
    if isinstance(task, TripletTask):
        return Partners(task, size, seed=seed)
    return Labels(task.train, size, seed=seed)


def answers_of(task: TrainingTask | TripletTask) -> dict[str, int]:
    """How many numbers a classifier of each aspect gives for a text."""
    return {aspect.name: len(aspect.classes) or PARTNER_SIZE for aspect in task.aspects}

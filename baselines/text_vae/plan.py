"""Which batch comes when: the steps of both phases, fixed by the seed alone."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from baselines.text_vae.sequences import IntArray, cut_batches, epoch_batches, mixed_batches
from baselines.text_vae.settings import TrainingSettings


@dataclass(frozen=True)
class Step:
    """One step of the training.

    Attributes
    ----------
    number : in the whole training, from 0.
    phase : 1 without KL, 2 with it.
    within, steps : number in its phase, from 0, and the steps of that phase.
    ends_epoch : whether it is the last of its epoch.
    index : positions of its texts.
    """

    number: int
    phase: int
    within: int
    steps: int
    ends_epoch: bool
    index: IntArray


class Plan:
    """All steps of a training on texts of given lengths.

    `lengths`: int64 [n]. `phases`: the phases that run; a model without a latent has no phase 1 but
    its epochs.
    """

    def __init__(
        self, lengths: IntArray, settings: TrainingSettings, *, seed: int, latent: bool
    ) -> None:
        self._lengths, self._settings, self._seed = lengths, settings, seed
        self.epochs = {1: settings.warm_up_epochs if latent else 0, 2: settings.epochs}
        self.a_epoch = -(-len(lengths) // settings.batch_texts)
        self.steps = self.a_epoch * sum(self.epochs.values())

    def phase(self, phase: int) -> Iterator[Step]:
        """The steps of a phase in order."""
        first = 0 if phase == 1 else self.epochs[1]
        for epoch in range(self.epochs[phase]):
            batches = self._batches(first + epoch)
            for position, index in enumerate(batches):
                within = epoch * self.a_epoch + position
                yield Step(
                    number=first * self.a_epoch + within,
                    phase=phase,
                    within=within,
                    steps=self.epochs[phase] * self.a_epoch,
                    ends_epoch=position == len(batches) - 1,
                    index=index,
                )

    def _batches(self, epoch: int) -> list[IntArray]:
        lengths, size = self._lengths, self._settings.batch_texts
        if self._settings.unshuffled:
            return cut_batches(np.arange(len(lengths)), size)
        if not self._settings.bucketed:
            return mixed_batches(len(lengths), size, seed=self._seed, epoch=epoch)
        return epoch_batches(lengths, size, seed=self._seed, epoch=epoch)

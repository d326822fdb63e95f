"""Where training batches come from, and the loss that is asked of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

import torch
from torch import Tensor, nn

from data.errors import UserError
from data.rows import Rows, TrainingTask
from data.triplets import TripletTask
from harness.training.batches import CellBatches, TripletBatches
from harness.training.objectives import classification_loss, explicit_triplet_loss, triplet_loss
from harness.training.settings import TrainedSettings


@dataclass(frozen=True)
class LabelledBatch:
    """Rows in equal numbers from every label cell, with all triplets within them.

    Attributes
    ----------
    index : int64 [rows], positions among the source's texts; on the processor, like the labels,
        unless `placed` has moved them.
    labels : for each aspect int64 [rows].
    """

    index: Tensor
    labels: Mapping[str, Tensor]
    settings: TrainedSettings

    def loss(self, aspect: str, vectors: Tensor, head: nn.Module | None) -> Tensor:
        """`l_trp L_trp + l_cls L_cls` (Zhang et al. 2021, section 3); no head: the first alone.

        Parameters
        ----------
        vectors : [rows, width], the representation for `aspect`.
        """
        settings, total = self.settings, vectors.new_zeros(())
        if settings.triplet:
            triplets = triplet_loss(vectors, self.labels, aspect, margin=settings.margin)
            total = total + settings.triplet * triplets
        if settings.classification and head is not None:
            classified = classification_loss(head(vectors), self.labels[aspect])
            total = total + settings.classification * classified
        return total


@dataclass(frozen=True)
class TripletBatch:
    """Given triplets (x0, x1, x2) without labels.

    Attributes
    ----------
    index : int64 [3 triplets], positions of every x0, then every x1, then every x2.
    first : the aspect that x0 and x1 share; x0 and x2 share the other one.
    """

    index: Tensor
    first: str
    settings: TrainedSettings
    labels: Mapping[str, Tensor]

    def loss(self, aspect: str, vectors: Tensor, head: nn.Module | None) -> Tensor:
        """`l_trp L_trp` for one aspect's vectors, [3 triplets, width]."""
        z0, z1, z2 = vectors.chunk(3)
        near, far = (z1, z2) if aspect == self.first else (z2, z1)
        triplets = explicit_triplet_loss(z0, near, far, margin=self.settings.margin)
        return self.settings.triplet * triplets


Batch = LabelledBatch | TripletBatch


def placed(batch: Batch, device: torch.device) -> Batch:
    """The batch where a step computes, so that the step itself moves nothing."""
    labels = {name: codes.to(device) for name, codes in batch.labels.items()}
    return replace(batch, index=batch.index.to(device), labels=labels)


Drawn = TypeVar("Drawn", covariant=True)


class LabelledTexts:
    """Batches of labelled rows.

    Parameters
    ----------
    rows : training rows.
    settings : texts a batch, weights and margin of the losses.
    seed : of the order.

    Attributes
    ----------
    texts : n training texts.
    aspects : name to number of classes; 0 where the aspect has no labels, and so no head.
    """

    def __init__(self, rows: Rows, settings: TrainedSettings, *, seed: int) -> None:
        self.texts = rows.texts
        self.aspects = {aspect.name: len(aspect.classes) for aspect in rows.aspects}
        self._batches = CellBatches(rows, settings.batch_texts, seed=seed)
        self._settings = settings

    def draw(self) -> LabelledBatch:
        """The next batch."""
        index, labels = self._batches.draw()
        return LabelledBatch(torch.from_numpy(index), labels, self._settings)


class ExplicitTriplets:
    """Batches of given triplets: two aspects, no classification.

    Parameters
    ----------
    triplets : [m] triplets of texts.
    aspects : names of what x0 and x1 share, and of what x0 and x2 share.
    settings : texts a batch, three a triplet, weight and margin of the loss.
    seed : of the order.

    Raises
    ------
    UserError : there is no triplet.
    """

    def __init__(
        self,
        triplets: Sequence[tuple[str, str, str]],
        aspects: tuple[str, str],
        settings: TrainedSettings,
        *,
        seed: int,
    ) -> None:
        if not triplets:
            raise UserError("there are no triplets to learn from; give one or more")
        self.texts = tuple(text for part in zip(*triplets, strict=True) for text in part)
        self.aspects = dict.fromkeys(aspects, 0)
        self._settings = settings
        self._batches = TripletBatches(len(triplets), settings.batch_texts, seed=seed)

    def draw(self) -> TripletBatch:
        """The next batch."""
        index = torch.from_numpy(self._batches.draw())
        return TripletBatch(index, next(iter(self.aspects)), self._settings, {})


Source = LabelledTexts | ExplicitTriplets


def source_of(task: TrainingTask | TripletTask, settings: TrainedSettings, *, seed: int) -> Source:
    """The batches of a task's training rows."""
    if isinstance(task, TripletTask):
        first, second = (aspect.name for aspect in task.aspects)
        return ExplicitTriplets(task.train.triplets, (first, second), settings, seed=seed)
    return LabelledTexts(task.train, settings, seed=seed)


def to_validate(task: Any) -> Any:
    """The task with its validation rows for training rows, or None where it has none."""
    return replace(task, train=task.valid) if len(task.valid) else None


class Drawing(Protocol[Drawn]):
    """What gives one batch after the other."""

    def draw(self) -> Drawn:
        """The next batch."""


def held_batches(source: Drawing[Drawn], texts: int, size: int) -> list[Drawn]:
    """About as many texts as there are, in batches of a size: what is validated on each time."""
    return [source.draw() for _ in range(max(round(texts / size), 1))]

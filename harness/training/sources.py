"""Where training batches come from, and the loss that is asked of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from data.errors import UserError
from data.rows import IntArray, Rows, TrainingTask
from data.triplets import TripletTask
from harness.training.batches import CellBatches, TripletBatches
from harness.training.objectives import classification_loss, explicit_triplet_loss, triplet_loss
from harness.training.settings import TrainedSettings


class LabelledTexts:
    """Batches with the same number of rows from every label cell, all triplets within them.

    Parameters
    ----------
    rows : training rows.
    settings : texts a batch, weights and margin of the losses.
    seed : of the order.

    Attributes
    ----------
    texts : n training texts.
    aspects : name to number of classes; 0 where the aspect has no labels, and so no head.
    labels : for each aspect those of the last batch, int64 [rows]; empty for triplets.
    """

    def __init__(self, rows: Rows, settings: TrainedSettings, *, seed: int) -> None:
        self.texts = rows.texts
        self.aspects = {aspect.name: len(aspect.classes) for aspect in rows.aspects}
        self.labels: Mapping[str, Tensor] = {}
        self._batches = CellBatches(rows, settings.batch_texts, seed=seed)
        self._settings = settings

    def draw(self) -> IntArray:
        """Positions of the next batch's texts, int64 [rows]; `loss` then speaks of them."""
        index, self.labels = self._batches.draw()
        return index

    def loss(self, aspect: str, vectors: Tensor, head: nn.Module | None) -> Tensor:
        """`l_trp L_trp + l_cls L_cls` for one aspect's vectors of that batch, [rows, width]."""
        return labelled_loss(aspect, vectors, self.labels, head, self._settings)


def labelled_loss(
    aspect: str,
    vectors: Tensor,
    labels: Mapping[str, Tensor],
    head: nn.Module | None,
    settings: TrainedSettings,
) -> Tensor:
    """`l_trp L_trp + l_cls L_cls` (Zhang et al. 2021, section 3); no head means the first alone.

    Parameters
    ----------
    vectors : [rows, width], the representation for `aspect`.
    labels : for each aspect int64 [rows].
    """
    total = vectors.new_zeros(())
    if settings.triplet:
        triplets = triplet_loss(vectors, labels, aspect, margin=settings.margin)
        total = total + settings.triplet * triplets
    if settings.classification and head is not None:
        classified = classification_loss(head(vectors), labels[aspect])
        total = total + settings.classification * classified
    return total


class ExplicitTriplets:
    """Given triplets (x0, x1, x2) without labels: two aspects, no classification.

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

    labels: Mapping[str, Tensor] = {}

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
        self._first = aspects[0]
        self._settings = settings
        self._batches = TripletBatches(len(triplets), settings.batch_texts, seed=seed)

    def draw(self) -> IntArray:
        return self._batches.draw()

    def loss(self, aspect: str, vectors: Tensor, head: nn.Module | None) -> Tensor:
        z0, z1, z2 = vectors.chunk(3)
        near, far = (z1, z2) if aspect == self._first else (z2, z1)
        triplets = explicit_triplet_loss(z0, near, far, margin=self._settings.margin)
        return self._settings.triplet * triplets


Source = LabelledTexts | ExplicitTriplets


def source_of(task: TrainingTask | TripletTask, settings: TrainedSettings, *, seed: int) -> Source:
    """The batches of a task's training rows."""
    if isinstance(task, TripletTask):
        first, second = (aspect.name for aspect in task.aspects)
        return ExplicitTriplets(task.train.triplets, (first, second), settings, seed=seed)
    return LabelledTexts(task.train, settings, seed=seed)

"""What methods with adversaries share: who reads what, and how well."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from data.rows import IntArray, Rows
from harness.contract.scores import Score
from harness.training.objectives import classification_loss


def pairs(aspects: Iterable[str]) -> list[tuple[str, str]]:
    """Each aspect with each other one."""
    names = list(aspects)
    return [(first, other) for first in names for other in names if first != other]


def cell_accuracy(right: NDArray[np.bool_], cells: IntArray) -> float:
    """Mean over the cells of the share that is right.

    Parameters
    ----------
    right : [..., n], for several readers in front.
    cells : int64 [n].
    """
    return float(np.mean([right[..., cells == cell].mean() for cell in np.unique(cells)]))


class Adversaries(nn.ModuleList):
    """Several one-hidden-layer networks that read each other aspect from each aspect's vectors.

    Parameters
    ----------
    width : of the vectors.
    aspects : name to number of classes.
    count : independent adversaries for each aspect and each other aspect.
    units : hidden units of each.
    dropout : before both of its maps.
    """

    def __init__(
        self,
        width: int,
        aspects: Mapping[str, int],
        *,
        count: int,
        units: int,
        dropout: float = 0.0,
    ) -> None:
        def adversary(classes: int) -> nn.Module:
            return nn.Sequential(
                nn.Dropout(dropout),
                nn.Linear(width, units),
                nn.Tanh(),
                nn.Dropout(dropout),
                nn.Linear(units, classes),
            )

        found = pairs(aspects)
        super().__init__(
            nn.ModuleList(adversary(aspects[other]) for _ in range(count)) for _, other in found
        )
        self._pairs = found

    def logits(self, aspect: str, other: str, vectors: Tensor) -> Tensor:
        """What all adversaries of a pair say of vectors, [adversaries, rows, classes]."""
        readers = self[self._pairs.index((aspect, other))]
        assert isinstance(readers, nn.ModuleList)
        return torch.stack([read(vectors) for read in readers])

    def loss(self, aspect: str, vectors: Tensor, labels: Mapping[str, Tensor]) -> Tensor:
        """Cross-entropies on an aspect's vectors: mean over adversaries, summed over the others."""
        total = vectors.new_zeros(())
        for first, other in self._pairs:
            if first == aspect:
                logits = self.logits(first, other, vectors)
                targets = labels[other].repeat(len(logits))
                total = total + classification_loss(logits.flatten(0, 1), targets)
        return total

    def scores(
        self, metric: str, encode: Callable[[tuple[str, ...], str], NDArray[np.float32]], rows: Rows
    ) -> list[Score]:
        """Accuracies on rows: mean over their cells and over the adversaries of a pair."""
        self.eval()
        where = next(self.parameters()).device
        found = []
        for aspect, other in self._pairs:
            vectors = torch.from_numpy(encode(rows.texts, aspect)).to(where)
            with torch.no_grad():
                guesses = self.logits(aspect, other, vectors).argmax(2).cpu().numpy()
            right = guesses == rows.labels[other]
            found.append(Score(metric, cell_accuracy(right, rows.cells), aspect, other))
        self.train()
        return found

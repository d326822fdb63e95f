"""Links between entities, and whether they can be predicted.

Where entities recur each has a vector of its own, as in the released code. Where they do not,
nothing is learned of one that is seen once. There an entity's vector is a linear map of the frozen
vector of its words, and links are told from links to the words of other rows: a contrastive target
over spans. The words are encoded alone, for in their sentence they show which sentence it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from baselines.relations.reading import Floats, scaled, scaling_of

RECURRING = 0.9
"""Share of held-out rows whose entities were both seen in training, from which links are learned
by entities: of all others nothing is known."""

POWER = 0.75
"""Of an entity's frequency where negatives are drawn (Mikolov et al. 2013)."""

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Links:
    """The entities of training rows, and those of validation rows behind them.

    Attributes
    ----------
    ends : int64 [2, n], numbers of heads and of tails.
    trained : how many rows are for training.
    table : float32 [entities, width], what is known of each one; None for its number alone.
    """

    ends: Tensor
    trained: int
    table: Tensor | None

    def module(self, size: int) -> nn.Module:
        """What gives an entity its vector of this size, and a bias behind it."""
        if self.table is not None:
            return nn.Linear(self.table.shape[1], size + 1)
        embedding = nn.Embedding(int(self.ends.max()) + 1, size + 1)
        nn.init.uniform_(embedding.weight, -0.01, 0.01)
        return embedding

    def embedded(self, module: nn.Module, entities: Tensor) -> Tensor:
        """[..., size + 1] for numbers of entities."""
        found: Tensor = module(entities if self.table is None else self.table[entities])
        return found

    def negatives(self, rows: int, count: int, random: np.random.Generator) -> Tensor:
        """Heads and tails by the power of their training frequency, int64 [2, rows, count]."""
        drawn = []
        for entities, weights in self._frequencies:
            at = random.choice(len(weights), (rows, count), p=weights)
            drawn.append(entities[torch.from_numpy(at).to(entities.device)])
        return torch.stack(drawn)

    @cached_property
    def _frequencies(self) -> list[tuple[Tensor, NDArray[np.float64]]]:
        """The entities of either end, and the weights with which they are drawn."""
        counted = [side.unique(return_counts=True) for side in self.ends[:, : self.trained]]
        weights = [times.double().pow(POWER).cpu().numpy() for _, times in counted]
        return [(found[0], w / w.sum()) for found, w in zip(counted, weights, strict=True)]


def recurrence(train: Pairs, valid: Pairs) -> float:
    """Share of the validation pairs whose entities both stand in training pairs."""
    seen = {name for pair in train for name in pair}
    return float(np.mean([seen.issuperset(pair) for pair in valid]))


def links_by_number(train: Pairs, valid: Pairs) -> Links:
    """Links by identifiers; 0 is whatever no training pair has."""
    numbers = {n: at for at, n in enumerate(sorted({n for pair in train for n in pair}), start=1)}
    ends = [[numbers.get(pair[side], 0) for pair in (*train, *valid)] for side in (0, 1)]
    return Links(torch.tensor(ends), len(train), None)


def links_by_words(vectors: Floats, trained: int) -> Links:
    """Links by vectors of the words of head and tail, float32 [n, 2 width]."""
    table, numbers = np.unique(
        np.concatenate(np.split(vectors, 2, axis=1)), axis=0, return_inverse=True
    )
    ends = torch.from_numpy(numbers.reshape(2, -1).astype(np.int64))
    return Links(ends, trained, torch.from_numpy(scaled(table, scaling_of(table))))

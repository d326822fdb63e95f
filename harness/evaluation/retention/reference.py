"""What retention is measured against: the untuned encoder on the rows of one draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from data.rows import IntArray, Rows
from data.syntax.evaluation import GradedPairs
from harness.evaluation.retention.centring import Vectors
from harness.evaluation.retention.factors import clear, excess, factors_of
from harness.evaluation.retention.neighbours import neighbours, neighbours_chance
from harness.evaluation.retention.ridge import CrossRidge
from harness.evaluation.retention.similarity import likeness

Fold = tuple[IntArray, IntArray]


@dataclass(frozen=True)
class Reference:
    """Everything that all methods of one draw are compared with; made once.

    Attributes
    ----------
    vectors : [n, width], the untuned encoder's, of the evaluation rows.
    rows : the n evaluation rows, with cells and details.
    groups : int64 [n], numbered from 0.
    folds : int64 [n], the fold of each row.
    neighbours : int64 [n, k], of each row among the untuned vectors.
    neighbours_chance : what unrelated vectors keep of them.
    factors : name to int64 [n] classes that nobody trains on, and the untuned encoder's accuracy
        above chance, where that is clear.
    pairs : sentences with grades of their likeness, or None.
    likeness : the untuned encoder's correlation with these grades; 0 without pairs.
    """

    vectors: Vectors
    rows: Rows
    groups: IntArray
    folds: IntArray
    neighbours: IntArray
    neighbours_chance: float
    factors: Mapping[str, tuple[IntArray, float]]
    pairs: GradedPairs | None
    likeness: float

    @property
    def pair_texts(self) -> tuple[str, ...]:
        """The sentences to encode for likeness: all first ones, and after them all second ones."""
        return () if self.pairs is None else (*self.pairs.first, *self.pairs.second)


def make_reference(
    vectors: Vectors,
    rows: Rows,
    folds: Sequence[Fold],
    *,
    training: Vectors,
    seed: int,
    pairs: GradedPairs | None = None,
    pair_vectors: Vectors | None = None,
) -> Reference:
    """The reference of a draw, from the untuned encoder's vectors at the methods' cut of texts.

    Parameters
    ----------
    vectors : [n, width], of the evaluation rows.
    rows : the n evaluation rows.
    folds : (fitting positions, scoring positions), disjoint in groups, as the probes have them.
    training : [m, width], of the training rows.
    seed : of the clusters; leave the method out of it.
    pairs, pair_vectors : graded pairs and the vectors of their sentences, [2 pairs, width], all
        first sentences before all second ones.
    """
    groups = np.unique(rows.groups, return_inverse=True)[1].astype(np.int64)
    codes = np.zeros(len(rows), dtype=np.int64)
    for number, (_, scoring) in enumerate(folds):
        codes[scoring] = number
    factors = factors_of(rows, vectors, training, seed=seed)
    ridge = CrossRidge(vectors, np.zeros_like(codes), codes)
    found = {name: (labels, excess(ridge, labels)) for name, labels in factors.items()}
    return Reference(
        vectors=vectors,
        rows=rows,
        groups=groups,
        folds=codes,
        neighbours=neighbours(vectors, groups),
        neighbours_chance=neighbours_chance(groups),
        factors={name: pair for name, pair in found.items() if clear(*pair)},
        pairs=pairs,
        likeness=0.0 if pairs is None or pair_vectors is None else likeness(pairs, pair_vectors),
    )

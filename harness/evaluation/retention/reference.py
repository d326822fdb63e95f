"""What retention is measured against: the untuned encoder on the rows of one draw."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from data.rows import IntArray, Rows
from data.syntax.evaluation import GradedPairs
from harness.evaluation.probes.folds import fold_of_rows, group_folds
from harness.evaluation.retention.centring import Vectors
from harness.evaluation.retention.factors import clear, excess, factors_of
from harness.evaluation.retention.neighbours import neighbours, neighbours_chance
from harness.evaluation.retention.ridge import CrossRidge
from harness.evaluation.retention.similarity import likeness, sentences


@dataclass(frozen=True)
class Reference:
    """Everything that all methods of one draw are compared with; made once.

    Attributes
    ----------
    vectors : [n, width], the untuned encoder's, of the n evaluation `rows`.
    groups, folds : int64 [n], numbered from 0.
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
        return () if self.pairs is None else sentences(self.pairs)


def make_reference(
    encode: Callable[[Sequence[str]], Vectors],
    rows: Rows,
    training: Sequence[str],
    *,
    seed: int,
    pairs: GradedPairs | None = None,
) -> Reference:
    """The reference of a draw; UserError where its evaluation rows are too few to cross-fit.

    Parameters
    ----------
    encode : gives the untuned encoder's vectors of texts, [texts, width], at the methods' cut.
    rows : the n evaluation rows.
    training : the texts of the training rows.
    seed : of the probes' folds and of the clusters; leave the method out of it.
    pairs : sentences with grades of their likeness.
    """
    vectors = encode(rows.texts)
    groups = np.unique(rows.groups, return_inverse=True)[1].astype(np.int64)
    folds = fold_of_rows(group_folds(rows, seed=seed))
    factors = factors_of(rows, vectors, encode(training), seed=seed)
    ridge = CrossRidge(vectors, np.zeros_like(folds), folds)
    found = {name: (labels, excess(ridge, labels)) for name, labels in factors.items()}
    return Reference(
        vectors=vectors,
        rows=rows,
        groups=groups,
        folds=folds,
        neighbours=neighbours(vectors, groups),
        neighbours_chance=neighbours_chance(groups),
        factors={name: pair for name, pair in found.items() if clear(*pair)},
        pairs=pairs,
        likeness=0.0 if pairs is None else likeness(pairs, encode(sentences(pairs))),
    )

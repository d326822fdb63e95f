"""Copying the analysis of the nearest sentence of the same length (Chen et al. 2019, section 5.2).

A representation that knows syntax finds sentences whose trees and tags are those of the query. The
candidates of a sentence are all sentences of as many words in other documents. Every count over
pairs is a matrix product, so all candidates of all sentences are compared, none is sampled.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from data.rows import IntArray
from data.syntax.probing import Analysed
from data.syntax.trees import brackets, read_tree
from harness.evaluation.syntax.similarity import Features, unit

Counts = NDArray[np.float64]


@dataclass(frozen=True)
class Group:
    """Sentences of one length.

    Attributes
    ----------
    rows : int64 [n], their positions.
    length : words of each.
    candidates : bool [n, n], whether the second may be a neighbour of the first.
    common : float64 [n, n], labelled brackets that two trees share, each as often as in both.
    equal : float64 [n, n], places in which two rows of tags agree.
    sizes : float64 [n], labelled brackets of each tree.
    """

    rows: IntArray
    length: int
    candidates: NDArray[np.bool_]
    common: Counts
    equal: Counts
    sizes: Counts


@dataclass(frozen=True)
class Copied:
    """How good copied analyses are.

    `bracket_f1` is labelled bracket F1 over all sentences together, parts of speech left out;
    `tag_accuracy` the share of the words whose copied tag is right.
    """

    bracket_f1: float
    tag_accuracy: float


class Neighbourhood:
    """Sentences, with trees, among which neighbours are sought.

    Of sentences with the same words the first alone takes part: its copy has the same analysis
    whatever a representation knows.
    """

    def __init__(self, sentences: Sequence[Analysed]) -> None:
        first: dict[str, Analysed] = {}
        for sentence in sentences:
            first.setdefault(sentence.text.lower(), sentence)
        self.sentences = tuple(first.values())
        self.texts = tuple(sentence.text for sentence in self.sentences)
        lengths = np.array([len(sentence.tags) for sentence in self.sentences])
        documents = np.unique([s.document for s in self.sentences], return_inverse=True)[1]
        self.groups = tuple(
            group
            for length in np.unique(lengths)
            for group in self._grouped(np.flatnonzero(lengths == length), int(length), documents)
        )

    def __len__(self) -> int:
        return len(self.sentences)

    @property
    def queries(self) -> int:
        """Sentences that have a candidate."""
        return sum(len(group.rows) for group in self.groups)

    def nearest(self, vectors: Features) -> Copied:
        """What copying from the neighbour with the highest cosine gives; the first of equal ones.

        `vectors` are float32 [n, width], in the order of `texts`.
        """
        directions = unit(vectors)
        picked = []
        for group in self.groups:
            there = directions[group.rows]
            cosine = np.where(group.candidates, there @ there.T, -np.inf)
            picked.append(_one_hot(cosine.argmax(axis=1), len(group.rows)))
        return self._copied(picked)

    def chance(self) -> Copied:
        """What copying from a random candidate gives in expectation."""
        shares = [g.candidates / g.candidates.sum(axis=1, keepdims=True) for g in self.groups]
        return self._copied(shares)

    def bound(self) -> Copied:
        """What the best candidate of each sentence would give, for each measure its own best."""
        by_brackets, by_tags = [], []
        for group in self.groups:
            size = len(group.rows)
            f1 = _f1(group.common, group.sizes[:, None] + group.sizes[None, :])
            by_brackets.append(_one_hot(np.where(group.candidates, f1, -1).argmax(axis=1), size))
            equal = np.where(group.candidates, group.equal, -1)
            by_tags.append(_one_hot(equal.argmax(axis=1), size))
        return Copied(self._copied(by_brackets).bracket_f1, self._copied(by_tags).tag_accuracy)

    def _grouped(self, rows: IntArray, length: int, documents: IntArray) -> list[Group]:
        """The sentences of one length that have a candidate, as a group, or none."""
        apart = documents[rows][:, None] != documents[rows][None, :]
        kept = apart.any(axis=1)
        if not kept.any():
            return []
        rows, apart = rows[kept], apart[np.ix_(kept, kept)]
        trees = [brackets(read_tree(self.sentences[i].tree)) for i in rows]
        # A bracket that stands twice is two things to have in common.
        common = _shared([[(b, k) for b, n in tree.items() for k in range(n)] for tree in trees])
        equal = _shared([list(enumerate(self.sentences[i].tags)) for i in rows])
        sizes = np.array([tree.total() for tree in trees], dtype=np.float64)
        return [Group(rows, length, apart, common, equal, sizes)]

    def _copied(self, weights: Sequence[Counts]) -> Copied:
        """Totals over all sentences, each with weights [n, n] on its candidates that sum to 1."""
        common = total = equal = words = 0.0
        for group, weight in zip(self.groups, weights, strict=True):
            common += float((weight * group.common).sum())
            total += float(group.sizes.sum() + (weight @ group.sizes).sum())
            equal += float((weight * group.equal).sum())
            words += group.length * len(group.rows)
        return Copied(float(_f1(np.array(common), np.array(total))), equal / max(words, 1))


def _f1(common: Counts, total: Counts) -> Counts:
    """2 common / total, and 1 where neither tree has a bracket."""
    return np.asarray(np.where(total > 0, 2 * common / np.maximum(total, 1), 1.0))


def _one_hot(picked: IntArray, size: int) -> Counts:
    return np.asarray(np.eye(size)[picked])


def _shared(things: Sequence[Sequence[object]]) -> Counts:
    """float64 [n, n]: how many things two of the sets have in common."""
    numbers: dict[object, int] = {}
    columns = [numbers.setdefault(thing, len(numbers)) for row in things for thing in row]
    starts = np.cumsum([0, *map(len, things)])
    shape = (len(things), len(numbers))
    sets = csr_matrix((np.ones(len(columns)), np.array(columns, dtype=np.int64), starts), shape)
    return np.asarray((sets @ sets.T).toarray())

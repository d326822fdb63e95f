"""Factors that nobody trains on: what else of a text a representation tells."""

import re

import numpy as np

from data.rows import IntArray, Rows
from harness.evaluation.probes.readings import chance_level
from harness.evaluation.retention.centring import Vectors
from harness.evaluation.retention.ridge import CrossRidge

FIRST_PERSON = re.compile(r"\b(?:i|me|my|mine|myself|we|our|ours|ourselves)\b", re.IGNORECASE)

HEAD_WORDS = 64
"""Words in which the first person is looked for: about what encoders read of a long text."""

TOPICS = 8

JITTER = 1e-6
"""Share of the variance of fitted values that is added to that within classes."""

CLEAR = 3.0
"""Standard errors by which the untuned encoder must beat chance for a factor to count."""


def factors_of(
    rows: Rows, vectors: Vectors, training: Vectors, *, seed: int
) -> dict[str, IntArray]:
    """int64 [n] classes of each factor: length, first person, topic, and source where it differs.

    `vectors` [n, width] and `training` [m, width] are the untuned encoder's, of the evaluation and
    of the training rows; topics are the clusters of the latter.
    """
    from sklearn.cluster import KMeans

    words = [text.split() for text in rows.texts]
    lengths = np.array([len(found) for found in words])
    first = [FIRST_PERSON.search(" ".join(found[:HEAD_WORDS])) is not None for found in words]
    distinct = len(np.unique(training, axis=0))
    topics = KMeans(min(TOPICS, distinct), n_init=4, random_state=seed % 2**32)
    factors = {
        "length": np.searchsorted(np.quantile(lengths, [1 / 3, 2 / 3]), lengths, side="right"),
        "first_person": np.array(first),
        "topic": topics.fit(np.asarray(training)).predict(np.asarray(vectors)),
        "source": np.unique(rows.sources, return_inverse=True)[1] if rows.sources else [],
    }
    return {
        name: np.asarray(labels, dtype=np.int64)
        for name, labels in factors.items()
        if len(np.unique(labels)) > 1
    }


def excess(ridge: CrossRidge, labels: IntArray) -> float:
    """Cross-fitted accuracy of a linear discriminant less the share of the most frequent class."""
    return float((discriminant(ridge, labels) == labels).mean()) - chance_level(labels)


def discriminant(ridge: CrossRidge, labels: IntArray) -> IntArray:
    """int64 [n]: the class that a linear discriminant, not fitted on the row, tells.

    Discriminant analysis on the fitted values of a ridge regression of class indicators is
    penalised discriminant analysis (Hastie, Buja and Tibshirani 1995, Annals of Statistics 23).
    The indicators alone would never tell a class that lies between two others.
    """
    indicators = np.eye(int(labels.max()) + 1)[labels]
    found = np.zeros_like(labels)
    for scoring, _, told in ridge.maps(indicators):
        y, fitted = np.delete(indicators, scoring, axis=0), np.delete(told, scoring, axis=0)
        counts = y.sum(axis=0)
        means = y.T @ fitted / np.maximum(counts, 1)[:, None]
        within = fitted - y @ means
        # Classes that are told perfectly leave no variance within them.
        spread = within.T @ within + JITTER * (fitted.T @ fitted)
        towards = np.linalg.pinv(spread / len(y), hermitian=True) @ means.T
        with np.errstate(divide="ignore"):
            prior = np.log(counts / len(y))
        offsets = prior - np.einsum("ij,ji->i", means, towards) / 2
        found[scoring] = (told[scoring] @ towards + offsets).argmax(axis=1)
    return found


def clear(labels: IntArray, value: float) -> bool:
    """Whether accuracy above chance is more than noise."""
    chance = chance_level(labels)
    return value > CLEAR * float(np.sqrt(chance * (1 - chance) / len(labels)))

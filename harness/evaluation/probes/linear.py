"""The linear probe: logistic regression."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.rows import IntArray
from harness.evaluation.probes.family import Family, Features, Fit, FloatArray, Work
from harness.evaluation.probes.features import standardisation
from harness.evaluation.probes.newton import Rotated, logits_path, probabilities

VALUES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0)

FIXED_C = 0.01
"""Where rows are too few to choose among strengths, or a fit is one of many in a training."""

AT_ONCE = 10
"""Problems that are solved together; results do not depend on the number of threads."""


class Linear(Family):
    """Logistic regression on standardised units; its strength is the C of scikit-learn."""

    name = "linear"
    strengths = tuple(f"C={c:g}" for c in VALUES)

    def prepare(self, features: Features, *, seed: int) -> Rotated:
        return Rotated.of(features)

    def probabilities(self, prepared: Rotated, work: Work, fits: Sequence[Fit]) -> list[FloatArray]:
        return solved(prepared, work, fits, VALUES)


def solved(
    turned: Rotated, work: Work, fits: Sequence[Fit], values: Sequence[float]
) -> list[FloatArray]:
    """Probabilities for fits whose strengths are positions in `values`, small ones of C first.

    Fits of one part and target are a path over C; paths of equally many classes are solved
    together.
    """
    paths: dict[tuple[int, int, int], dict[int, int]] = {}
    for place, (part, target, strength) in enumerate(fits):
        key = (work.targets[target].classes, part, target)
        paths.setdefault(key, {})[strength] = place
    # Beside each other stand paths through the same strengths, of the same number of classes.
    kinds: dict[tuple[int, tuple[int, ...]], list[tuple[int, int, int]]] = {}
    for key, path in paths.items():
        kinds.setdefault((key[0], tuple(sorted(path))), []).append(key)
    batches = [
        (strengths, keys[start : start + AT_ONCE])
        for (_, strengths), keys in kinds.items()
        for start in range(0, len(keys), AT_ONCE)
    ]
    results: list[FloatArray] = [np.empty(0)] * len(fits)

    def solve(batch: tuple[tuple[int, ...], list[tuple[int, int, int]]]) -> None:
        strengths, keys = batch
        used = np.unique(np.concatenate([work.parts[part][0] for _, part, _ in keys]))
        weights = np.zeros((len(turned.design), len(keys)))
        for column, (_, part, _) in enumerate(keys):
            weights[work.parts[part][0], column] = 1
        labels = [work.targets[target].labels[used] for _, _, target in keys]
        wanted = [values[strength] for strength in strengths]
        solutions = logits_path(turned.rows(used), labels, weights[used], keys[0][0], wanted)
        for strength, found in zip(strengths, solutions, strict=True):
            for column, key in enumerate(keys):
                scoring = work.parts[key[1]][1]
                logits = turned.design[scoring] @ found[:, column]
                results[paths[key][strength]] = probabilities(logits)

    work.shared_out(solve, batches)
    return results


@dataclass(frozen=True)
class FittedLinear:
    """A logistic regression on its own.

    `alive`, `mean` and `deviation` are those of the rows that it was fitted on, by
    `standardisation`; `weights` are float64 [alive units + 1, free], the intercept last.
    """

    alive: np.ndarray
    mean: Features
    deviation: Features
    weights: FloatArray

    def predict_proba(self, features: Features) -> FloatArray:
        """Probabilities [n, classes] for the representation float32 [n, width]."""
        scaled = (features[:, self.alive] - self.mean) / self.deviation
        return probabilities(scaled @ self.weights[:-1] + self.weights[-1])

    def predict(self, features: Features) -> IntArray:
        """The likeliest class of each row."""
        return np.asarray(self.predict_proba(features).argmax(axis=1), dtype=np.int64)


def fit_linear(features: Features, labels: IntArray, *, c: float) -> FittedLinear:
    """Fit one logistic regression on all rows of features float32 [n, width].

    `labels` are int64 [n] in range(classes), and `c` is the inverse of the penalty.
    """
    alive, mean, deviation = standardisation(features)
    turned = Rotated.of((features[:, alive] - mean) / deviation)
    classes = max(2, int(labels.max()) + 1)
    every = np.ones((len(labels), 1))
    (found,) = logits_path(turned, [labels], every, classes, [c], tolerance=1e-9)
    whole = np.vstack([turned.basis @ found[:-1, 0], found[-1:, 0]])
    return FittedLinear(alive, mean, deviation, whole)

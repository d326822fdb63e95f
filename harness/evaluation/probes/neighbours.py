"""The neighbours probe: a vote of the nearest rows."""

from collections.abc import Sequence

import numpy as np

from harness.evaluation.probes.family import Family, Features, Fit, FloatArray, Work

NEIGHBOURS = 15


def squared_distances(features: Features, others: Features) -> Features:
    """float32 [n, m], at least 0, from one matrix product."""
    own = (features**2).sum(axis=1)
    far = (others**2).sum(axis=1)
    return np.asarray(np.maximum(own[:, None] + far - 2 * (features @ others.T), 0.0))


class Neighbours(Family):
    """Classes of the 15 nearest rows (Euclidean), each class counted once more (Laplace)."""

    name = "neighbours"
    strengths = (f"k={NEIGHBOURS}",)

    def prepare(self, features: Features, *, seed: int) -> Features:
        return squared_distances(features, features)

    def probabilities(
        self, prepared: Features, work: Work, fits: Sequence[Fit]
    ) -> list[FloatArray]:
        parts = sorted({fit.part for fit in fits})

        def nearest(part: int) -> np.ndarray:
            fitting, scoring = work.parts[part]
            count = min(NEIGHBOURS, len(fitting))
            near = prepared[np.ix_(scoring, fitting)].argpartition(count - 1, axis=1)[:, :count]
            return fitting[near]

        found = dict(zip(parts, work.shared_out(nearest, parts), strict=True))

        def vote(fit: Fit) -> FloatArray:
            target = work.targets[fit.target]
            classes = target.labels[found[fit.part]]
            votes = (classes[:, :, None] == np.arange(target.classes)).sum(axis=1) + 1.0
            return np.asarray(votes / votes.sum(axis=1, keepdims=True))

        return [vote(fit) for fit in fits]

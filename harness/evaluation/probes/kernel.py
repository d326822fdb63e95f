"""The kernel probe: logistic regression on a Gaussian kernel."""

from collections.abc import Sequence

import numpy as np

from harness.evaluation.probes.family import Family, Features, Fit, FloatArray, Work
from harness.evaluation.probes.linear import solved
from harness.evaluation.probes.neighbours import squared_distances
from harness.evaluation.probes.newton import Rotated

LANDMARKS = 400
SCALES = (0.5, 2.0, 8.0)
VALUES = (0.1, 1.0, 10.0, 100.0, 1000.0)


class Kernel(Family):
    """Kernel logistic regression, `exp(-s |x - y|^2 / median |x - y|^2)`; strengths are C and s.

    The kernel is that of `LANDMARKS` rows drawn without labels (Williams and Seeger 2001), exact
    where there are no more rows. All folds share its eigendecomposition.
    """

    name = "kernel"
    strengths = tuple(f"C={c:g} s={scale:g}" for scale in SCALES for c in VALUES)

    def prepare(self, features: Features, *, seed: int) -> list[Rotated]:
        rng = np.random.default_rng(seed)
        count = min(LANDMARKS, len(features))
        marks = features[rng.permutation(len(features))[:count]]
        squared = squared_distances(features, marks).astype(np.float64)
        among = squared_distances(marks, marks).astype(np.float64)
        median = float(np.median(among[np.triu_indices(count, 1)])) or 1.0
        return [_mapped(np.exp(-s * squared / median), np.exp(-s * among / median)) for s in SCALES]

    def probabilities(
        self, prepared: list[Rotated], work: Work, fits: Sequence[Fit]
    ) -> list[FloatArray]:
        results: list[FloatArray] = [np.empty(0)] * len(fits)
        for number, turned in enumerate(prepared):
            first = number * len(VALUES)
            places = [
                place
                for place, fit in enumerate(fits)
                if first <= fit.strength < first + len(VALUES)
            ]
            some = [fits[place]._replace(strength=fits[place].strength - first) for place in places]
            for place, found in zip(places, solved(turned, work, some, VALUES), strict=True):
                results[place] = found
        return results


def _mapped(kernel: FloatArray, among: FloatArray) -> Rotated:
    """Features whose products are the kernel, centred and turned."""
    roots, vectors = np.linalg.eigh(among)
    whole = roots > 1e-8 * roots[-1]
    features = kernel @ (vectors[:, whole] / np.sqrt(roots[whole]))
    return Rotated.of(features - features.mean(axis=0))

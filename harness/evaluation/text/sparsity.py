"""How sparse the vectors of texts are, and what labels a linear probe reads from them."""

from collections.abc import Mapping
from math import exp, lgamma, pi, sqrt

import numpy as np

from data.rows import IntArray
from harness.contract.scores import Score
from harness.evaluation.probes import cross_fit
from harness.evaluation.probes.folds import FOLDS
from harness.evaluation.text.latents import FloatArray, Posterior


def hoyer(vectors: FloatArray) -> float:
    """Mean of `(sqrt D - |v|_1 / |v|_2) / (sqrt D - 1)` over the vectors, [n, D] (Hoyer 2004).

    1 where each has one number that is not 0, and 0 where all are equal in size. Each dimension is
    divided by its standard deviation over texts and not centred, so one of pure noise counts as
    fully as any. Vectors of zeros alone are left out. 0 for a single dimension.
    """
    spread, width = vectors.std(0), sqrt(vectors.shape[1])
    scaled = vectors / np.where(spread > 0, spread, 1)
    length = np.sqrt((scaled**2).sum(1))
    ratio = np.abs(scaled).sum(1)[length > 0] / length[length > 0]
    return float((width - ratio.mean()) / (width - 1)) if width > 1 and len(ratio) else 0.0


def dense_hoyer(size: int) -> float:
    """What independent standard Gaussians in so many dimensions have: not 0, but .21 at 768.

    `E |v|_1 / |v|_2 = D Gamma(D / 2) / (sqrt(pi) Gamma((D + 1) / 2))`, since the direction is
    uniform on the sphere.
    """
    ratio = size * exp(lgamma(size / 2) - lgamma((size + 1) / 2)) / sqrt(pi)
    return (sqrt(size) - ratio) / (sqrt(size) - 1) if size > 1 else 0.0


def sparsity_scores(posterior: Posterior, *, seed: int) -> list[Score]:
    """Hoyer of the means, of a draw, and of the slab without its gate; and what dense ones have."""
    draw = posterior.sample(np.random.default_rng([seed, 7]))
    found = {"hoyer": posterior.mean, "hoyer_draw": draw}
    if "slab" in posterior.views:
        found["hoyer_slab"] = posterior.views["slab"]
    scores = [Score(name, hoyer(vectors)) for name, vectors in found.items()]
    return [*scores, Score("hoyer_dense", dense_hoyer(posterior.mean.shape[1]))]


def label_scores(
    posterior: Posterior,
    labels: Mapping[str, IntArray],
    groups: IntArray | None = None,
    *,
    seed: int,
) -> list[Score]:
    """Accuracy of a cross-fitted linear probe for each label, from the mean and from each view.

    It is the mean over classes, so that chance is one over their number. Classes with fewer texts
    than folds are left out, and labels with no two classes left. No fold parts one of the `groups`,
    int64 [n].
    """
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    views = {"latent": posterior.mean, **posterior.views}
    scores = []
    for label, codes in labels.items():
        kept = np.flatnonzero(np.bincount(codes)[codes] >= FOLDS)
        own = np.unique(codes[kept], return_inverse=True)[1]
        classes = int(own.max(initial=0)) + 1
        if classes < 2:
            continue
        cut = StratifiedKFold if groups is None else StratifiedGroupKFold
        splitter = cut(FOLDS, shuffle=True, random_state=seed % 2**32)
        folds = tuple(splitter.split(own, own, None if groups is None else groups[kept]))
        scores.append(Score("label_chance", 1 / classes, factor=label))
        for name, vectors in views.items():
            told = cross_fit("linear", vectors[kept].astype(np.float32), own, folds, seed=seed)
            accuracy = float(np.mean([told.correct[own == c].mean() for c in range(classes)]))
            scores.append(Score(f"{name}_accuracy", accuracy, factor=label, probe="linear"))
    return scores

"""A representation in the plane, for the eye: 50 principal components, then t-SNE."""

import numpy as np

from data.rows import IntArray
from harness.evaluation.probes import Features
from harness.store.base64_arrays import pack_codes, pack_points
from harness.store.records import Projection

POINTS = 400
COMPONENTS = 50
PERPLEXITY = 30.0


def projected_rows(cells: IntArray, *, seed: int) -> IntArray:
    """At most `POINTS` positions of rows, sorted: the same for every method of one draw."""
    rng = np.random.default_rng(seed)
    return np.sort(rng.permutation(len(cells))[:POINTS]).astype(np.int64)


def project(features: Features, rows: IntArray, *, seed: int) -> Projection:
    """The picture of a representation float32 [n, width].

    `rows` are the positions to draw, int64 [m] with m >= 3.
    """
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    picked = features[rows]
    components = min(COMPONENTS, *picked.shape)
    reduced = PCA(components, svd_solver="full").fit_transform(picked)
    # A start from components that do not vary divides by zero, and ends the process.
    varies = components > 1 and reduced[:, 0].std() > 0
    plane = TSNE(
        perplexity=min(PERPLEXITY, (len(rows) - 1) / 3),
        init="pca" if varies else "random",
        random_state=seed % 2**32,
    ).fit_transform(reduced)
    return Projection(points=pack_points(plane), rows=pack_codes(rows))

"""The method `leace-pca-r`."""

from __future__ import annotations

import numpy as np

from baselines.erasure import Floats, Labelled
from baselines.projected_leace import ProjectedLeace


class LeacePca(ProjectedLeace):
    """LEACE, then the r leading principal components. Source: a control of this suite.

    Of all projections to r dimensions the one that keeps most of the variance, that of the erased
    vectors of the training rows under their weights.
    """

    name = "leace-pca-r"

    def basis(self, rows: Labelled, rank: int, random: np.random.Generator) -> Floats:
        centred = rows.vectors - np.average(rows.vectors, axis=0, weights=rows.weights)
        _, vectors = np.linalg.eigh((centred.T * rows.weights) @ centred)
        leading: Floats = vectors[:, : -rank - 1 : -1].T
        return leading

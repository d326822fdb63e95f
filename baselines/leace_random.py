"""The method `leace-random-r`."""

from __future__ import annotations

import numpy as np

from baselines.erasure import Floats, Labelled
from baselines.projected_leace import ProjectedLeace


class LeaceRandom(ProjectedLeace):
    """LEACE, then a random projection to r dimensions. Source: a control of this suite.

    It shows what fewer dimensions alone do to leakage and to target accuracy. The subspace is
    uniformly distributed, and another one for each aspect.
    """

    name = "leace-random-r"

    def basis(self, rows: Labelled, rank: int, random: np.random.Generator) -> Floats:
        basis: Floats = np.linalg.qr(random.standard_normal((rows.vectors.shape[1], rank)))[0].T
        return basis

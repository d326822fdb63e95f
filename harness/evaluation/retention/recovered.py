"""How much of the untuned vectors can be computed back from a representation."""

from __future__ import annotations

from harness.evaluation.retention.centring import Vectors
from harness.evaluation.retention.ridge import CrossRidge


def recovered(ridge: CrossRidge, reference: Vectors) -> float:
    """1 - residual / variance within cells of the untuned vectors under a cross-fitted ridge map.

    0 is no more than the labels tell, a little less where the map is worse than the cell means on
    rows it was not fitted on, and 1 is all. The ridge is over the representation, with the cells.
    """
    rest, told = ridge.predict(reference)
    variance = float((rest**2).sum())
    return 1 - float(((rest - told) ** 2).sum()) / variance if variance > 0 else 0.0

"""What methods with adversaries share: who reads what, and how well."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from data.rows import IntArray


def pairs(aspects: Iterable[str]) -> list[tuple[str, str]]:
    """Each aspect with each other one."""
    names = list(aspects)
    return [(first, other) for first in names for other in names if first != other]


def cell_accuracy(right: NDArray[np.bool_], cells: IntArray) -> float:
    """Mean over the cells of the share that is right.

    Parameters
    ----------
    right : [..., n], for several readers in front.
    cells : int64 [n].
    """
    return float(np.mean([right[..., cells == cell].mean() for cell in np.unique(cells)]))

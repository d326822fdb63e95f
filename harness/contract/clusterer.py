"""The contract of a method that puts rows into clusters; `harness.contract.learner` has the rest.

It is found by discovery as every method is, and never sees what its clusters are held against.
"""

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from harness.contract.learner import Learner

ClusterArray = NDArray[np.int64]


class Clusterer(Learner):
    """Gives each row one cluster; tasks of the kind give `data.mentions.MentionTask`."""

    kinds: ClassVar[tuple[str, ...]] = ("clusters",)

    @abstractmethod
    def clusters(self, rows: Any) -> ClusterArray:
        """int64 [n], 0 or above: the cluster of each row, in the order given.

        `rows`: as those of the task. UserError where it was neither fitted nor loaded.
        """

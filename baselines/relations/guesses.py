"""The controls `one-cluster` and `random-clusters`."""

import numpy as np

from data.mentions import Mentions, MentionTask
from harness.contract.clusterer import ClusterArray, Clusterer
from harness.contract.seeds import seed_from
from harness.contract.stored import StoredLearner
from harness.system.progress import Progress

GUESSED = 10
"""Clusters at random, as many as methods find by default."""


class OneCluster(StoredLearner, Clusterer):
    """All rows in one cluster. Source: this suite."""

    name = "one-cluster"
    control = True

    def learn(self, task: MentionTask, *, seed: int, progress: Progress) -> None:
        progress(1, 1)

    def clusters(self, rows: Mentions) -> ClusterArray:
        self.check_ready()
        return np.zeros(len(rows), dtype=np.int64)


class RandomClusters(OneCluster):
    """Ten clusters at random, by a hash of the row. Source: this suite."""

    name = "random-clusters"

    def clusters(self, rows: Mentions) -> ClusterArray:
        self.check_ready()
        named = zip(rows.texts, rows.spans, strict=True)
        return np.array([seed_from(*row) % GUESSED for row in named], dtype=np.int64)

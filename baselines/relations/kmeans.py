"""The methods `relation-kmeans` and `entity-only`."""

from typing import ClassVar

import numpy as np
import torch

from baselines.relations.reading import Floats, MentionReader
from data.mentions import MentionTask
from harness.contract.clusterer import ClusterArray
from harness.contract.stored import Tensors
from harness.system.progress import Progress

STARTS = 4
"""Of which the one with the least inertia is kept: a choice without labels."""


class RelationKmeans(MentionReader):
    """K-means on frozen vectors of head, tail and the words between. Source: MacQueen 1967."""

    name = "relation-kmeans"
    variants = {"other-sentences": {"other_sentences": True}}
    main_variants: ClassVar[tuple[str, ...]] = ("default", "other-sentences")

    def group(self, vectors: Floats, task: MentionTask, *, seed: int, progress: Progress) -> None:
        from sklearn.cluster import KMeans

        # Each pair of types is a cluster of its own.
        typed = self.settings.reads == "types"
        count = len(np.unique(vectors, axis=0)) if typed else self.settings.relations
        found = KMeans(count, n_init=STARTS, random_state=seed).fit(vectors)
        self._centres = found.cluster_centers_.astype(np.float32)
        progress(1, 1)

    def assigned(self, vectors: Floats) -> ClusterArray:
        # The square of the row itself is the same for all centres.
        distances = (self._centres**2).sum(axis=1) - 2 * vectors @ self._centres.T
        return np.asarray(distances.argmin(axis=1))

    def learned(self) -> Tensors:
        return {"centres": torch.from_numpy(self._centres)}

    def restore(self, tensors: Tensors) -> None:
        super().restore(tensors)
        self._centres = tensors["centres"].numpy()


class EntityOnly(RelationKmeans):
    """Clusters by the entities alone: k-means on their names. Source: this suite.

    In the variant `types` each pair of types is a cluster: all that an encoder of types can tell.
    """

    name = "entity-only"
    control = True
    kind_settings = {"clusters": {"reads": "names"}}
    variants = {"types": {"reads": "types"}}
    main_variants = ("default", "types")

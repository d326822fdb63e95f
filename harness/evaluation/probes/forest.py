"""The forest probe: extremely randomised trees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from harness.evaluation.probes.family import Family, Fit, FloatArray, Work

TREES = 40
LEAVES = (8, 2)


class Forest(Family):
    """Extremely randomised trees (Geurts et al. 2006); their strength is the rows of a leaf."""

    name = "forest"
    strengths = tuple(f"leaf={rows}" for rows in LEAVES)

    def probabilities(self, prepared: Any, work: Work, fits: Sequence[Fit]) -> list[FloatArray]:
        from sklearn import config_context
        from sklearn.ensemble import ExtraTreesClassifier

        def grow(fit: Fit) -> FloatArray:
            fitting, scoring = work.parts[fit.part]
            target = work.targets[fit.target]
            trees = ExtraTreesClassifier(
                TREES,
                min_samples_leaf=LEAVES[fit.strength],
                random_state=(work.seed + fit.part) % 2**32,
            )
            found = np.zeros((len(scoring), target.classes))
            # Thousands of trees: checking the parameters of each takes as long as growing it.
            with config_context(skip_parameter_validation=True, assume_finite=True):
                trees.fit(work.features[fitting], target.labels[fitting])
                found[:, trees.classes_] = trees.predict_proba(work.features[scoring])
            return found

        return work.shared_out(grow, fits)

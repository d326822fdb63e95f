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
        from sklearn.tree import ExtraTreeClassifier

        def grow(fit: Fit) -> FloatArray:
            fitting, scoring = work.parts[fit.part]
            target = work.targets[fit.target]
            features, labels = work.features[fitting], target.labels[fitting]
            scored = work.features[scoring]
            found = np.zeros((len(scoring), target.classes))
            random = np.random.RandomState((work.seed + fit.part) % 2**32)
            # The trees of `ExtraTreesClassifier` without what it does around each: on few rows that
            # takes as long as growing them, and checking their parameters does too.
            with config_context(skip_parameter_validation=True, assume_finite=True):
                for seed in random.randint(np.iinfo(np.int32).max, size=TREES):
                    tree = ExtraTreeClassifier(
                        min_samples_leaf=LEAVES[fit.strength],
                        max_features="sqrt",
                        random_state=seed,
                    )
                    tree.fit(features, labels, check_input=False)
                    found[:, tree.classes_] += tree.tree_.predict(scored)
            return found / TREES

        return work.shared_out(grow, fits)

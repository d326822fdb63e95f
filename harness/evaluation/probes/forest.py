"""The forest probe: extremely randomised trees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from harness.evaluation.probes.family import Family, Fit, FloatArray, Work

TREES = 40
LEAVES = (8, 2)


class Forest(Family):
    """Extremely randomised trees (Geurts et al. 2006); their strength is the rows of a leaf.

    Trees regress on one indicator a class. The squared error that they split by is then the Gini
    index, a leaf's mean the share of each class, and growing one takes half of the time that a tree
    of scikit-learn's classifier takes, which checks the labels anew for each.
    """

    name = "forest"
    strengths = tuple(f"leaf={rows}" for rows in LEAVES)

    def probabilities(self, prepared: Any, work: Work, fits: Sequence[Fit]) -> list[FloatArray]:
        from sklearn import config_context
        from sklearn.tree import ExtraTreeRegressor

        def grow(fit: Fit) -> FloatArray:
            fitting, scoring = work.parts[fit.part]
            target = work.targets[fit.target]
            features, scored = work.features[fitting], work.features[scoring]
            indicators = np.eye(target.classes)[target.labels[fitting]]
            found = np.zeros((len(scoring), target.classes))
            random = np.random.RandomState((work.seed + fit.part) % 2**32)
            # The trees of `ExtraTreesRegressor` without what it does around each: on few rows that
            # takes as long as growing them, and checking their parameters does too.
            with config_context(skip_parameter_validation=True, assume_finite=True):
                for seed in random.randint(np.iinfo(np.int32).max, size=TREES):
                    tree = ExtraTreeRegressor(
                        min_samples_leaf=LEAVES[fit.strength],
                        max_features="sqrt",
                        random_state=seed,
                    )
                    tree.fit(features, indicators, check_input=False)
                    found += tree.tree_.predict(scored)[:, :, 0]
            return found / TREES

        return work.shared_out(grow, fits)

"""The forest probe: extremely randomised trees."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from data.rows import IntArray
from harness.evaluation.probes.family import Family, Fit, FloatArray, Work

TREES = 40
LEAF = 2
SPLITS = (24, 4)


class Forest(Family):
    """Extremely randomised trees (Geurts et al. 2006); their strength is what is split no more.

    Trees that stop at nodes of fewer than 24 rows are the tops of those that go on to fewer than 4,
    so both are grown at once. They regress on one indicator a class: the squared error that they
    split by is then the Gini index, and a leaf's mean the share of each class. On few rows growing
    one takes half of the time that scikit-learn's classifier takes, which checks labels for each.
    """

    name = "forest"
    strengths = tuple(f"split={rows}" for rows in SPLITS)

    def probabilities(self, prepared: Any, work: Work, fits: Sequence[Fit]) -> list[FloatArray]:
        asked = sorted({(fit.part, fit.target) for fit in fits})
        found = work.shared_out(lambda each: _grown(work, *each), asked)
        told = dict(zip(asked, found, strict=True))
        return [told[fit.part, fit.target][fit.strength] for fit in fits]


def _grown(work: Work, part: int, target: int) -> FloatArray:
    """Probabilities [strengths, scoring rows, classes] of the trees of one part and target."""
    from sklearn import config_context
    from sklearn.tree import ExtraTreeRegressor

    fitting, scoring = work.parts[part]
    wanted = work.targets[target]
    features, scored = work.features[fitting], work.features[scoring]
    indicators = np.eye(wanted.classes)[wanted.labels[fitting]]
    found = np.zeros((len(SPLITS), len(scoring), wanted.classes))
    random = np.random.RandomState((work.seed + part) % 2**32)
    # The trees of `ExtraTreesRegressor` without what it does around each: on few rows that takes as
    # long as growing them, and checking their parameters does too.
    with config_context(skip_parameter_validation=True, assume_finite=True):
        for seed in random.randint(np.iinfo(np.int32).max, size=TREES):
            tree = ExtraTreeRegressor(
                min_samples_split=min(SPLITS),
                min_samples_leaf=LEAF,
                max_features="sqrt",
                random_state=seed,
            )
            grown = tree.fit(features, indicators, check_input=False).tree_
            reached = grown.apply(scored)
            for strength, rows in enumerate(SPLITS):
                found[strength] += grown.value[stopped(grown, rows)[reached], :, 0]
    return found / TREES


def stopped(tree: Any, rows: int) -> IntArray:
    """Where rows of each node end if nodes of fewer than `rows` are not split, int64 [nodes].

    That is the node itself or one above it. A scikit-learn `Tree` numbers nodes depth first, so
    that all below a node follow it.
    """
    split = (tree.n_node_samples >= rows) & (tree.children_left >= 0)
    kept = np.zeros(tree.node_count, dtype=np.int64)
    for children in (tree.children_left[split], tree.children_right[split]):
        kept[children] = children
    return np.maximum.accumulate(kept)

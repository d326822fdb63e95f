"""What is measured on clusters: how they agree with classes that the method never saw."""

import time

import numpy as np

from data.errors import UserError
from data.mentions import MentionDraw
from harness.contract.clusterer import ClusterArray, Clusterer
from harness.contract.scores import Score
from harness.evaluation.evaluation import Evaluation, cost_scores
from harness.store.base64_arrays import pack_codes
from harness.system.progress import Progress

FEWEST_ROWS = 10


def check(draw: MentionDraw) -> None:
    """Refuse fewer than ten evaluation rows, or rows of one class, with a UserError."""
    rows, classes = len(draw.gold), len(set(draw.gold.tolist()))
    if rows < FEWEST_ROWS or classes < 2:
        raise UserError(
            f"{draw.training.name} has {rows} evaluation rows of {classes} classes; give "
            f"{FEWEST_ROWS} rows of 2 classes at least"
        )


def evaluate(
    method: Clusterer, draw: MentionDraw, *, seed: int, pictures: bool, progress: Progress
) -> Evaluation:
    """Measure a method that was fitted on `draw.training`.

    Nothing here is drawn, so `seed` and `pictures` have no meaning. ValueError where the clusters
    have the wrong shape or type.
    """
    started = time.perf_counter()
    scores = agreement(method.clusters(draw.evaluation), draw.gold)
    progress(1, 1)
    names = [draw.relations[code] for code in draw.gold]
    parts = {"train": draw.training.train, "valid": draw.training.valid}
    return Evaluation(
        scores=(*scores, *cost_scores(method, seconds=time.perf_counter() - started)),
        counts={
            **{part: {"rows": len(rows)} for part, rows in parts.items()},
            "evaluation": {name: names.count(name) for name in draw.relations},
        },
        cells=pack_codes(draw.gold),
    )


def agreement(found: ClusterArray, gold: ClusterArray) -> tuple[Score, ...]:
    """B-cubed, V-measure and adjusted Rand index of clusters against classes, int64 [n] both.

    B-cubed (Bagga and Baldwin 1998) follows from the counts T of class and cluster: precision is
    `sum T^2 / |cluster| / n`, recall the same with |class|, and F1 that of these two. V-measure
    (Rosenberg and Hirschberg 2007) is the harmonic mean of homogeneity and completeness. The
    adjusted Rand index (Hubert and Arabie 1985) is 0 for clusters at random. ValueError where
    `found` is no array of as many clusters.
    """
    from sklearn import metrics

    if found.dtype != np.int64 or found.shape != gold.shape or found.min() < 0:
        raise ValueError(f"clusters gives {found.dtype} {found.shape}, not int64 {gold.shape}")
    table = metrics.cluster.contingency_matrix(gold, found).astype(np.float64)
    recall, precision = (float((table**2 / table.sum(a, keepdims=True)).sum()) for a in (1, 0))
    recall, precision = recall / len(gold), precision / len(gold)
    homogeneity, completeness, v_measure = metrics.homogeneity_completeness_v_measure(gold, found)
    values = {
        "b_cubed_f1": 2 * precision * recall / (precision + recall),
        "b_cubed_precision": precision,
        "b_cubed_recall": recall,
        "v_measure": v_measure,
        "homogeneity": homogeneity,
        "completeness": completeness,
        "adjusted_rand": metrics.adjusted_rand_score(gold, found),
        "clusters_used": table.shape[1],
    }
    return tuple(Score(metric, float(value)) for metric, value in values.items())

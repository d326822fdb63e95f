"""What is measured where texts have aspects: encode once for each of them, then probe.

The evaluation rows are balanced over the cells and share no group with the training rows. Probes
are cross-fitted on them alone; the classifier behind average and worst-group accuracy is fitted on
the training rows that the method learned from, as someone who has nothing else would do.
"""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from data.rows import IntArray, Splits
from harness.contract.method import Method
from harness.contract.scores import Score
from harness.evaluation.description_length import online_code_bits
from harness.evaluation.evaluation import Evaluation, cost_scores
from harness.evaluation.fixed_probes import PROBES, cross_fit, fit_probe
from harness.evaluation.probes import checked, group_folds
from harness.evaluation.projection import project, projected_rows
from harness.store.base64_arrays import pack_bits, pack_codes
from harness.store.records import Projection
from harness.system.progress import Progress

FAULT_LEVEL = 0.001
"""Below this tail probability a leakage under chance is reported: rows may have been seen."""


def check(splits: Splits) -> None:
    """Refuse evaluation rows that are too few to cross-fit, with a UserError."""
    group_folds(splits.evaluation, seed=0)


def evaluate(
    method: Method, splits: Splits, *, seed: int, pictures: bool, progress: Progress
) -> Evaluation:
    """Measure a fitted method.

    Parameters
    ----------
    method : fitted on `splits.training`.
    seed : of folds, probes and orders; leave the method out of it, so that methods are paired.
    pictures : whether to draw each representation in the plane.

    Raises
    ------
    ValueError : a representation has the wrong shape or type, or is not finite.
    UserError : the evaluation rows are too few to cross-fit.
    """
    from threadpoolctl import threadpool_limits

    started = time.perf_counter()
    rows, aspects = splits.evaluation, splits.evaluation.aspects
    scores: list[Score] = []
    right: dict[str, str] = {}
    cell_accuracy: dict[str, dict[str, float]] = {}
    projections: dict[str, Projection] = {}
    warnings: list[str] = []
    total = len(aspects) * (2 + len(aspects))
    # One thread: the fits are too small to share, and sums stay in one order, byte for byte.
    with threadpool_limits(limits=1):
        folds = group_folds(rows, seed=seed)
        picture_rows = projected_rows(rows.cells, seed=seed)
    chance = {aspect.name: chance_level(rows.labels[aspect.name]) for aspect in aspects}
    train = splits.training.train
    begun = time.perf_counter()
    # All aspects of one set of texts in a row: methods keep what the aspects have in common.
    encoded = {a.name: checked(method.encode(rows.texts, a.name), len(rows)) for a in aspects}
    encode_seconds = time.perf_counter() - begun
    progress(done := len(aspects), total)
    trained = {a.name: checked(method.encode(train.texts, a.name), len(train)) for a in aspects}
    progress(done := 2 * len(aspects), total)
    for aspect in aspects:
        features = encoded[aspect.name]
        with threadpool_limits(limits=1):
            for factor in aspects:
                for kind in PROBES:
                    labels = rows.labels[factor.name]
                    result = cross_fit(kind, features, labels, folds, seed=seed)
                    own = factor.name == aspect.name
                    name = "target_accuracy" if own else "leakage"
                    bits = online_code_bits(
                        kind,
                        features,
                        labels,
                        rows.groups,
                        classes=len(factor.classes),
                        seed=seed,
                    )
                    names = (aspect.name, factor.name, kind)
                    scores.append(Score(name, result.accuracy, *names))
                    scores.append(Score("description_length", bits, *names))
                    right["/".join(names)] = pack_bits(result.right)
                    if not own and below_chance(result.right, chance[factor.name]):
                        warnings.append(
                            f"{kind} leakage of {factor.name} from {aspect.name} is "
                            f"{result.accuracy:.3f}, below chance {chance[factor.name]:.3f}"
                        )
                progress(done := done + 1, total)
            classifier = fit_probe(
                "linear", trained[aspect.name], train.labels[aspect.name], seed=seed
            )
            told = classifier.predict(features) == rows.labels[aspect.name]
            in_cells = {
                name: float(told[rows.cells == cell].mean())
                for cell, name in enumerate(rows.cell_names)
                if (rows.cells == cell).any()
            }
            cell_accuracy[aspect.name] = in_cells
            names = (aspect.name, aspect.name, "classifier")
            right["/".join(names)] = pack_bits(told)
            scores.append(Score("average_accuracy", float(np.mean([*in_cells.values()])), *names))
            scores.append(Score("worst_group_accuracy", min(in_cells.values()), *names))
            if pictures and len(picture_rows) > 3:
                projections[aspect.name] = project(features, picture_rows, seed=seed)
    spent = time.perf_counter() - started
    speed = Score("encode_texts_per_second", len(rows) * len(aspects) / max(encode_seconds, 1e-9))
    parts = {"train": train, "valid": splits.training.valid, "evaluation": rows}
    return Evaluation(
        scores=(*scores, speed, *cost_scores(method, seconds=spent)),
        counts={name: part.cell_counts() for name, part in parts.items()},
        classes={aspect.name: aspect.classes for aspect in aspects},
        chance=chance,
        cells=pack_codes(rows.cells),
        right=right,
        cell_accuracy=cell_accuracy,
        projections=projections,
        warnings=tuple(warnings),
    )


def chance_level(labels: IntArray) -> float:
    """Share of the most frequent class."""
    return float(np.bincount(labels).max() / len(labels))


def below_chance(right: NDArray[np.bool_], chance: float) -> bool:
    """Whether so few right rows are unlikely (p < .001, binomial) even for a guesser."""
    from scipy.stats import binom

    return bool(binom.cdf(int(right.sum()), len(right), chance) < FAULT_LEVEL)

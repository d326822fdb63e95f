"""A draw with random labels, which exposes a method that has seen evaluation rows."""

import math
from dataclasses import replace

import numpy as np

from data.quotas import balanced_correlation
from data.rows import Rows, Splits


def placebo(splits: Splits, *, seed: int) -> Splits:
    """The same texts with coin flips for labels, balanced over the cells in each part.

    No honest method can do better than chance on the evaluation rows, so a probe above chance
    shows that the evaluation labels, or texts with their labels, reached the method.

    `splits`: any draw of a task. `seed`: zero or more; the flips are deterministic under it.
    """
    rng = np.random.default_rng([seed, *b"placebo"])
    training = splits.training
    shape = [len(aspect.classes) for aspect in training.aspects]
    return Splits(
        training=replace(
            training,
            correlation=balanced_correlation(shape),
            train=_flipped(training.train, rng),
            valid=_flipped(training.valid, rng),
        ),
        evaluation=_flipped(splits.evaluation, rng),
    )


def _flipped(rows: Rows, rng: np.random.Generator) -> Rows:
    shape = tuple(len(aspect.classes) for aspect in rows.aspects)
    cells = rng.permutation(np.arange(len(rows)) % math.prod(shape))
    codes = np.unravel_index(cells, shape)
    labels = {
        aspect.name: code.astype(np.int64) for aspect, code in zip(rows.aspects, codes, strict=True)
    }
    return replace(rows, labels=labels)

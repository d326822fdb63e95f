"""The method `leace`."""

from typing import ClassVar

import numpy as np
import torch

from baselines.erasure import Eraser, Erasure, Floats, Labelled, Scaling, one_hot
from data.rows import Rows, TrainingTask
from data.triplets import TripletTask
from harness.contract.dial import Dial
from harness.system.progress import Progress

TOLERANCE = 1e-6
"""Singular values of the whitened covariance with the labels below this count as zero."""


class Leace(Erasure):
    """Least-squares erasure of what linear probes read. Source: Belrose et al. 2023.

    Of all affine maps after which no linear classifier beats a constant one on the training rows,
    the one that moves the vectors least. The labels of all other aspects stand side by side, so
    one map has the least change for all of them.

    Triplets have no labels; there the proxies of the other aspect take their place: numbers that no
    linear predictor then reads better than their mean (`data.syntax.proxies`).
    """

    name = "leace"
    kinds: ClassVar[tuple[str, ...]] = ("aspects", "triplets")
    dial = Dial("strength", (0.5, 0.7, 0.9))

    def learn(self, task: TrainingTask | TripletTask, *, seed: int, progress: Progress) -> None:
        if not isinstance(task, TripletTask):
            return super().learn(task, seed=seed, progress=progress)
        first, second = self.aspects
        vectors = self.vectors(task.train.texts).astype(np.float64)
        rows = Labelled(vectors, {}, np.ones(len(vectors)))
        self.erasers = {}
        for kept, erased in ((first, second), (second, first)):
            eraser = concept_eraser(rows, task.train.proxies[erased])
            self.erasers[kept] = eraser.at(self.settings.strength)
            progress(len(self.erasers), 2)

    def eraser(self, train: Labelled, aspect: str, valid: Rows, *, seed: int) -> Eraser:
        return leace_eraser(train)


def leace_eraser(rows: Labelled) -> Eraser:
    """The eraser of all labels of the rows, their classes one-hot side by side."""
    labels = [one_hot(codes) for codes in rows.labels.values()]
    return concept_eraser(rows, np.concatenate(labels, axis=1))


def concept_eraser(rows: Labelled, concepts: Floats) -> Eraser:
    """`x - W^-1 U U' W (x - mean)`, U the range of `W S_xz`, W whitening (Belrose et al. 2023).

    The covariance with the labels is zero after it whatever W is; the change of the vectors is the
    least, by any quadratic norm, where W whitens them. Their covariance is estimated between
    standardised coordinates, with the package's shrinkage towards a sphere, as the width is not
    small beside the number of rows.

    `rows`: vectors and what each counts. `concepts`: float64 [n, k], what is to be erased: any
    numbers.
    """
    from concept_erasure import LeaceFitter

    scaling = Scaling.of(rows)
    vectors = scaling(rows).vectors
    fitter = LeaceFitter(
        vectors.shape[1],
        concepts.shape[1],
        dtype=torch.float64,
        # A projection that is orthogonal between whitened vectors adds no variance anyway.
        constrain_cov_trace=False,
        svd_tol=TOLERANCE,
    )
    # The package weighs no rows: it is handed weighted sums, and how many rows they are worth.
    effective = rows.weights.sum() ** 2 / (rows.weights**2).sum()
    weighted = vectors.T * (effective * rows.weights / rows.weights.sum())
    fitter.n = torch.tensor(effective, dtype=torch.float64)
    fitter.sigma_xx_ = torch.from_numpy(weighted @ vectors)
    fitter.sigma_xz_ = torch.from_numpy(weighted @ concepts)
    eraser = fitter.eraser
    used = eraser.proj_right.norm(dim=1) > 0
    return scaling.eraser(eraser.proj_left[:, used].numpy(), eraser.proj_right[used].numpy())

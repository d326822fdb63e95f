"""Quadratic erasure: what the classes' covariances tell goes, step by step."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis

from baselines.alf_qleace import AlfQleace, AlfQleaceSettings, covariance_directions
from baselines.erasure import Eraser, Floats, Labelled, Scaling
from baselines.leace import leace_eraser
from data import tasks
from data.errors import UserError
from data.quotas import Sizes
from data.rows import Rows
from harness.encoders.backbones import resolve
from harness.evaluation.probes import PROBES, ProbeInput, cross_fit_all, group_folds
from harness.runs.trial_inputs import split_seed
from harness.system.progress import silent

REAL = Path(__file__).parents[2] / ".." / "shared" / "data"
WIDTH = 16
DIFFERENT = 3
"""Directions in which the classes' variances differ."""


def rows_of(count: int, *, seed: int, classes: int = 2) -> Labelled:
    """Vectors whose class moves the mean a little, and the variance in some mixed directions."""
    random = np.random.default_rng(seed)
    codes = random.integers(0, classes, count)
    vectors = random.normal(size=(count, WIDTH))
    vectors[:, :DIFFERENT] *= (1 + 2 * codes)[:, None]
    vectors[:, DIFFERENT] += codes
    mixing = np.linalg.qr(np.random.default_rng(9).normal(size=(WIDTH, WIDTH)))[0]
    weights = np.where(codes == 0, 0.5, 1.0)
    return Labelled(vectors @ mixing, {"erased": codes}, weights / weights.mean())


def fitted(rows: Labelled, rank: int) -> Eraser:
    method = AlfQleace(AlfQleaceSettings(rank=rank))
    nothing = Rows(ids=(), texts=(), labels={}, groups=(), aspects=())
    return method.eraser(rows, "kept", nothing, seed=0)


def moments(vectors: Floats, rows: Labelled) -> list[tuple[Floats, Floats]]:
    """Mean and covariance of each class under the weights."""
    codes = rows.labels["erased"]
    return [
        (
            np.average(vectors[codes == code], axis=0, weights=rows.weights[codes == code]),
            np.cov(vectors[codes == code].T, aweights=rows.weights[codes == code], bias=True),
        )
        for code in np.unique(codes)
    ]


def quadratic_accuracy(eraser: Eraser) -> float:
    """Of a new quadratic probe on new rows, on the part of the space that still varies."""
    train, test = (eraser(rows_of(4000, seed=s).vectors.astype(np.float32)) for s in (1, 2))
    axes = np.linalg.svd(train - train.mean(0), full_matrices=False)
    kept = axes[2][axes[1] > 1e-3 * axes[1][0]].T
    probe = QuadraticDiscriminantAnalysis().fit(
        train @ kept, rows_of(4000, seed=1).labels["erased"]
    )
    return float(probe.score(test @ kept, rows_of(4000, seed=2).labels["erased"]))


@pytest.mark.parametrize("classes", [2, 3])
def test_class_means_and_the_covariances_in_the_removed_span_are_equal(classes: int) -> None:
    rows = rows_of(3000, seed=0, classes=classes)
    linear, quadratic = leace_eraser(rows), fitted(rows, DIFFERENT)
    before, after = (each(rows.vectors.astype(np.float32)) for each in (linear, quadratic))
    removed = quadratic.right[linear.right.shape[0] :].astype(np.float64)

    def apart(vectors: Floats) -> tuple[float, float]:
        means, covariances = zip(*moments(vectors.astype(np.float64), rows), strict=True)
        inside = [removed @ each @ removed.T for each in covariances]
        return float(np.ptp(means, axis=0).max()), float(np.ptp(inside, axis=0).max())

    assert apart(before)[0] < 1e-4
    assert apart(before)[1] > 1
    assert max(apart(after)) < 1e-4
    assert apart(rows.vectors)[0] > 0.1


def test_a_quadratic_probe_reads_less_with_every_direction_and_linear_erasure_leaves_it() -> None:
    rows = rows_of(4000, seed=0)
    accuracy = [quadratic_accuracy(leace_eraser(rows))]
    accuracy += [quadratic_accuracy(fitted(rows, rank)) for rank in range(1, DIFFERENT + 1)]
    assert accuracy == sorted(accuracy, reverse=True)
    assert accuracy[0] > 0.75
    assert accuracy[-1] < 0.55


@settings(max_examples=20)
@given(rank=st.integers(1, WIDTH - 1), classes=st.integers(2, 4), seed=st.integers(0, 99))
def test_directions_are_orthonormal_even_where_nothing_differs_any_more(
    rank: int, classes: int, seed: int
) -> None:
    rows = rows_of(60, seed=seed, classes=classes)
    found = covariance_directions(Scaling.of(rows)(rows), rank)
    np.testing.assert_allclose(found @ found.T, np.eye(rank), atol=1e-8)


def test_directions_of_two_classes_lead_the_difference_of_the_covariances() -> None:
    rows = rows_of(2000, seed=3)
    (_, first), (_, second) = moments(rows.vectors, rows)
    values, vectors = np.linalg.eigh(first - second)
    leading = vectors[:, np.argsort(-np.abs(values))[:4]].T
    found = covariance_directions(rows, 4)
    np.testing.assert_allclose(np.abs(found @ leading.T), np.eye(4), atol=1e-6)


def test_a_negative_rank_is_refused_and_one_beyond_the_width_is_cut() -> None:
    rows = rows_of(400, seed=0)
    with pytest.raises(UserError, match="rank is -1; it must be 0 or more"):
        fitted(rows, -1)
    linear = leace_eraser(rows).right.shape[0]
    assert fitted(rows, 10 * WIDTH).right.shape[0] == linear + WIDTH - 1


def test_each_direction_takes_a_dimension_from_every_representation(toy_task, backbone) -> None:
    task = toy_task()
    method = AlfQleace(AlfQleaceSettings(rank=5)).fit(task, backbone, seed=0, progress=silent)
    for aspect in method.aspects:
        vectors = method.encode(task.train.texts, aspect).astype(np.float64)
        values = np.linalg.svd(vectors - vectors.mean(0), compute_uv=False)
        # One direction for LEACE, five after it.
        assert np.sum(values > 1e-4 * values[0]) <= backbone.width - 6


@pytest.mark.slow
def test_the_curve_on_real_tweets_is_that_of_an_independent_prototype() -> None:
    """Hidden-layer leakage and target at ranks 5 and 20, from 1200 rows as the prototype had."""
    if not (REAL / "tweets.parquet").is_file():
        pytest.skip("the real corpora are not at ../shared/data")
    task, backbone = tasks.find("tweets-davidson"), resolve("minilm")
    seed = split_seed(task.name, 0)
    draw = task.draw(task.load(REAL), correlation=0.85, seed=seed, sizes=Sizes(1200, 160, 250))
    rows = draw.evaluation
    folds = group_folds(rows, seed=seed)
    for rank, leakage, target in ((5, 0.666, 0.791), (20, 0.635, 0.742)):
        method = AlfQleace(AlfQleaceSettings(rank=rank))
        method = method.fit(draw.training, backbone, seed=0, progress=silent)
        told: dict[bool, list[float]] = {True: [], False: []}
        for aspect in rows.labels:
            given = ProbeInput.of(method.encode(rows.texts, aspect), len(rows), seed=0)
            for factor, found in cross_fit_all(PROBES["mlp"], given, rows.labels, folds).items():
                told[factor == aspect].append(found.accuracy)
        assert np.mean(told[False]) == pytest.approx(leakage, abs=0.03)
        assert np.mean(told[True]) == pytest.approx(target, abs=0.03)

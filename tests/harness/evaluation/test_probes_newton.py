"""The second-order solver gives what scikit-learn's lbfgs gives, for many problems at once."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from harness.evaluation.probes import fit_linear
from harness.evaluation.probes.newton import Rotated, logits_path, probabilities

STRENGTHS = (1e-4, 1e-2, 1.0, 100.0)


def material(
    classes: int, rows: int = 300, width: int = 8, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, size=rows)
    features = rng.normal(size=(rows, width)) * rng.uniform(0.2, 3, size=width)
    features[:, :3] += labels[:, None] * 0.7
    return features - features.mean(axis=0), labels


def reference(features: np.ndarray, labels: np.ndarray, c: float) -> LogisticRegression:
    return LogisticRegression(C=c, tol=1e-10, max_iter=20_000).fit(features, labels)


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_coefficients_are_those_of_lbfgs_along_the_whole_path(classes: int) -> None:
    features, labels = material(classes)
    turned = Rotated.of(features)
    weights = np.ones((len(labels), 1))
    path = logits_path(turned, [labels], weights, classes, STRENGTHS, tolerance=1e-9)
    for c, found in zip(STRENGTHS, path, strict=True):
        expected = reference(features, labels, c)
        own = (turned.basis @ found[:-1, 0]).T
        assert np.abs(own - expected.coef_).max() < 1e-4
        given = probabilities(turned.design @ found[:, 0])
        assert np.abs(given - expected.predict_proba(features)).max() < 1e-5


def test_problems_side_by_side_do_not_touch_each_other() -> None:
    features, labels = material(2)
    others = np.random.default_rng(1).integers(0, 2, size=len(labels))
    turned = Rotated.of(features)
    weights = np.ones((len(labels), 3))
    weights[::2, 1] = 0
    problems = [labels, labels, others]
    (found,) = logits_path(turned, problems, weights, 2, [1.0], tolerance=1e-9)
    odd = slice(1, None, 2)
    for column, (rows, told) in enumerate(
        ((slice(None), labels), (odd, labels), (slice(None), others))
    ):
        expected = reference(features[rows], told[rows], 1.0).coef_[0]
        assert np.abs(turned.basis @ found[:-1, column, 0] - expected).max() < 1e-4


@pytest.mark.parametrize("width", [40, 400])
def test_more_units_than_rows_and_separable_classes(width: int) -> None:
    features, labels = material(2, rows=120, width=width)
    turned = Rotated.of(features)
    assert turned.basis.shape[1] <= 120
    (found,) = logits_path(turned, [labels], np.ones((120, 1)), 2, [1.0], tolerance=1e-9)
    expected = reference(features, labels, 1.0)
    assert np.abs(turned.basis @ found[:-1, 0, 0] - expected.coef_[0]).max() < 1e-4


def test_one_direction_with_all_the_variance_is_solved_too() -> None:
    """Masked representations are nearly of rank one; plain gradient steps would hardly move."""
    features, labels = material(2, width=6)
    features = features @ np.diag([1, 1e-3, 1e-3, 1e-3, 1e-4, 1e-5])
    mixed = features @ np.linalg.qr(np.random.default_rng(3).normal(size=(6, 6)))[0]
    turned = Rotated.of(mixed)
    path = logits_path(turned, [labels], np.ones((300, 1)), 2, [1.0, 1e4], tolerance=1e-9)
    for found in path:
        gradient = turned.design.T @ (
            probabilities(turned.design @ found[:, 0])[:, 1] - (labels == 1)
        )
        c = 1.0 if np.abs(found).max() < 5 else 1e4
        assert np.abs(gradient[:-1] + found[:-1, 0, 0] / c).max() < 1e-3


@pytest.mark.parametrize("classes", [2, 4])
def test_a_fitted_probe_is_that_of_scikit_learn(classes: int) -> None:
    features, labels = material(classes)
    raw = (features * 3 + 5).astype(np.float32)
    fitted = fit_linear(raw, labels, c=0.1)
    scaled = (raw - raw.mean(axis=0)) / raw.std(axis=0)
    expected = LogisticRegression(C=0.1, tol=1e-10, max_iter=9999).fit(scaled, labels)
    assert np.abs(fitted.predict_proba(raw) - expected.predict_proba(scaled)).max() < 1e-4
    assert np.array_equal(fitted.predict(raw), expected.predict(scaled))


def test_a_class_that_no_row_of_a_problem_has_stays_finite() -> None:
    features, labels = material(3)
    turned = Rotated.of(features)
    weights = (labels != 2).astype(float)[:, None]
    (found,) = logits_path(turned, [labels], weights, 3, [1.0])
    told = probabilities(turned.design @ found[:, 0])
    assert np.isfinite(told).all()
    assert told[:, 2].mean() < 0.02

"""Nonlinear erasure: what no linear eraser takes goes too, and the own aspect stays."""

import numpy as np
import pytest
import torch
from sklearn.svm import SVC

from baselines.erasure import Floats, Labelled
from baselines.leace import leace_eraser
from baselines.obliviator import (
    Kept,
    ObliviatorSettings,
    drawn_frequencies,
    fitted_stages,
    fourier,
)
from data.errors import UserError
from data.rows import IntArray
from harness.encoders.device import seeded

COUNT = 1200
WIDTH = 12
SETTINGS = ObliviatorSettings(rounds=1, steps=60, features=300, units=64, rate=5e-3)


def planted(seed: int) -> tuple[Floats, IntArray, IntArray]:
    """Vectors with the class to keep, and one to erase that is the parity of two coordinates."""
    random = np.random.default_rng(seed)
    first, second, kept = random.integers(0, 2, (3, COUNT))
    vectors = random.normal(size=(COUNT, WIDTH))
    vectors[:, :3] += 4 * np.stack([first, second, kept], axis=1) - 2
    mixing = np.linalg.qr(np.random.default_rng(9).normal(size=(WIDTH, WIDTH)))[0]
    return vectors @ mixing, kept, first ^ second


def read(train: Floats, test: Floats, codes: IntArray, others: IntArray) -> float:
    """Accuracy of a new RBF probe on new rows."""
    return float(SVC().fit(train, codes).score(test, others))


def test_a_parity_that_leace_leaves_is_erased_and_the_own_aspect_stays() -> None:
    (train, kept, parity), (test, kept_too, parity_too) = planted(0), planted(1)
    assert read(train, test, parity, parity_too) > 0.9
    linear = leace_eraser(Labelled(train, {"parity": parity}, np.ones(COUNT)))
    after = [linear(vectors.astype(np.float32)) for vectors in (train, test)]
    assert read(*after, parity, parity_too) > 0.85
    with seeded(0):
        rows = Kept(np.ones(COUNT), kept, [parity])
        stages = fitted_stages(torch.from_numpy(train).float(), rows, SETTINGS)
    erased = []
    for vectors in (train, test):
        moved = torch.from_numpy(vectors).float()
        for encoder, kernel_map in stages:
            moved = kernel_map(moved if encoder is None else encoder(moved))
        erased.append(moved.numpy())
    assert read(*erased, parity, parity_too) < 0.6
    assert read(*erased, kept, kept_too) > 0.9


def test_features_have_no_covariance_with_what_is_erased_under_the_weights() -> None:
    vectors, kept, parity = planted(0)
    weights = np.where(parity == kept, 0.5, 1.5)
    rows = Kept(weights, kept, [parity])
    with seeded(0):
        ((_, kernel_map),) = fitted_stages(
            torch.from_numpy(vectors).float(), rows, ObliviatorSettings(rounds=0, features=400)
        )
    features = fourier(torch.from_numpy(vectors).float(), torch.from_numpy(kernel_map.frequencies))
    projected = features @ torch.from_numpy(kernel_map.projection)
    before, after = (
        rows.covariance(each, rows.erased).abs().max() for each in (features, projected)
    )
    assert before > 1e-3
    assert after < 1e-6
    np.testing.assert_allclose(
        kernel_map.mean, np.average(features, axis=0, weights=weights), atol=1e-5
    )


def test_products_of_features_are_the_gaussian_kernel() -> None:
    vectors = torch.from_numpy(planted(0)[0]).float()
    with seeded(0):
        frequencies = drawn_frequencies(vectors, 20_000, least=0.1)
    features = fourier(vectors[:20], frequencies)
    width = float(torch.pdist(vectors[:1000]).median())
    expected = torch.exp(-(torch.cdist(vectors[:20], vectors[:20]) ** 2) / (2 * width**2))
    assert (features @ features.T - expected).abs().max() < 0.05


def test_half_an_erasure_is_refused() -> None:
    with pytest.raises(UserError, match="leave it at 1"):
        ObliviatorSettings(strength=0.5)


def test_it_is_no_plain_encoder(toy_task, backbone) -> None:
    from baselines.obliviator import Obliviator
    from harness.system.progress import silent

    settings = Obliviator.settings_for("default", "smoke")
    method = Obliviator(settings).fit(toy_task(), backbone, seed=0, progress=silent)
    with pytest.raises(UserError, match="no transformer with an affine map behind it"):
        method.plain_encoder(next(iter(method.aspects)))

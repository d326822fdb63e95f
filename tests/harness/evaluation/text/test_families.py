"""Families of latents against the formulas of before, brute force, and sums worked by hand."""

from math import log

import numpy as np
import pytest
from text_fakes import LinearGaussian

from harness.evaluation.text import information
from harness.evaluation.text.families import (
    SPIKE,
    Categorical,
    Gaussian,
    SpikeAndSlab,
    SpikeAndSlabPrior,
    StandardGaussian,
    UniformCategorical,
)
from harness.evaluation.text.information import active_units, mutual_information
from harness.evaluation.text.latents import Posterior, Prior, Product, ProductPrior
from harness.evaluation.text.likelihood import elbo, importance_weighted

GRID = np.linspace(-9, 9, 360_001)


def mixture(count: int = 5, size: int = 3) -> SpikeAndSlab:
    random = np.random.default_rng(1)
    off = random.uniform(0.05, 0.95, (count, size))
    return SpikeAndSlab(off, random.normal(0, 1.2, off.shape), random.normal(-1, 1, off.shape))


def categorical(count: int = 6) -> Categorical:
    random = np.random.default_rng(2)
    parts = [random.dirichlet(np.full(width, 0.5), count) for width in (3, 2)]
    return Categorical(np.hstack(parts), (3, 2))


FAMILIES: list[tuple[Posterior, Prior]] = [
    (Gaussian(mixture().slab, mixture().log_variance), StandardGaussian(3)),
    (Gaussian(mixture().slab, mixture().log_variance), SpikeAndSlabPrior(3, 0.8)),
    (mixture(), SpikeAndSlabPrior(3, 0.8)),
    (categorical(5), UniformCategorical((3, 2))),
    (
        Product([categorical(5), mixture()]),
        ProductPrior([UniformCategorical((3, 2)), SpikeAndSlabPrior(3, 0.5)]),
    ),
]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gaussians_give_the_bits_of_the_formulas_that_records_were_made_with(dtype: type) -> None:
    random = np.random.default_rng(0)
    mean, log_variance = (random.normal(size=(7, 5)).astype(dtype) for _ in range(2))
    posterior, prior = Gaussian(mean, log_variance), StandardGaussian(5)
    noise = np.random.default_rng(3).standard_normal(mean.shape)
    z = posterior.sample(np.random.default_rng(3))
    assert np.array_equal(z, mean + noise * np.exp(0.5 * log_variance))
    z = z.astype(dtype)
    tau = float(np.log(2 * np.pi))
    scaled = (z - mean) ** 2 / np.exp(log_variance)
    old = -0.5 * (scaled + log_variance + tau).sum(1)
    assert np.array_equal(posterior.log_density(z), old)
    assert np.array_equal(prior.log_density(z), -0.5 * (z**2 + tau).sum(1))
    variance = np.exp(log_variance)
    assert np.array_equal(posterior.kl(prior), 0.5 * (mean**2 + variance - 1 - log_variance))
    drawn = np.random.default_rng(4).standard_normal((6, 5))
    assert np.array_equal(prior.sample(6, np.random.default_rng(4)), drawn)


@pytest.mark.parametrize(("posterior", "prior"), FAMILIES)
def test_every_family_agrees_with_its_own_draws(posterior: Posterior, prior: Prior) -> None:
    random = np.random.default_rng(0)
    draws = [posterior.sample(random) for _ in range(20_000)]
    ratios = np.array([posterior.log_density(z) - prior.log_density(z) for z in draws])
    error = ratios.std(0) / len(draws) ** 0.5
    kl = posterior.kl(prior)
    assert kl.shape == (5, len(posterior.blocks))
    assert (np.abs(kl.sum(1) - ratios.mean(0)) < 5 * error + 1e-9).all()
    spread = np.std(draws, axis=0) / len(draws) ** 0.5
    assert (np.abs(np.mean(draws, axis=0) - posterior.mean) < 5 * spread + 1e-9).all()
    assert sum(posterior.blocks) == posterior.mean.shape[1] == prior.size == draws[0].shape[1]
    # A text's own density stands on the diagonal of all densities.
    assert np.allclose(np.diag(posterior.log_densities(draws[0])), posterior.log_density(draws[0]))
    some = posterior.take(np.array([4, 1]))
    assert np.array_equal(
        some.log_density(draws[0][[4, 1]]), posterior.log_density(draws[0])[[4, 1]]
    )
    assert np.array_equal(some.mean, posterior.mean[[4, 1]])
    assert prior.sample(7, random).shape == (7, prior.size)


def test_densities_of_the_mixture_sum_to_one() -> None:
    own = mixture(1, 1)
    wide = SpikeAndSlab(
        *(np.repeat(a, len(GRID), 0) for a in (own.off, own.slab, own.log_variance))
    )
    for density in (wide.log_density, SpikeAndSlabPrior(1, 0.3).log_density):
        total = np.exp(density(GRID[:, None])).sum() * (GRID[1] - GRID[0])
        assert total == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("off", "mean", "deviation"), [(0.8, 0.0, 1.0), (0.3, 1.5, 0.2), (0.99, 2.0, 1.5)]
)
def test_the_kl_of_the_mixture_is_the_integral(off: float, mean: float, deviation: float) -> None:
    def one(value: float) -> np.ndarray:
        return np.array([[value]])

    posterior = SpikeAndSlab(one(off), one(mean), one(2 * log(deviation)))
    prior = SpikeAndSlabPrior(1, 0.8)
    wide = posterior.take(np.zeros(len(GRID), np.int64))
    own = wide.log_density(GRID[:, None])
    step = GRID[1] - GRID[0]
    integral = (np.exp(own) * (own - prior.log_density(GRID[:, None]))).sum() * step
    found = posterior.kl(prior)[0, 0]
    assert found == pytest.approx(integral, abs=2e-3)
    if (off, mean, deviation) == (0.8, 0.0, 1.0):
        assert found == pytest.approx(0, abs=1e-9)
    slab = Gaussian(one(mean), one(2 * log(deviation))).kl(StandardGaussian(1))[0, 0]
    # Convexity, with the share of the spike that both have in common.
    bound = off * log(off / 0.8) + (1 - off) * (log((1 - off) / 0.2) + slab)
    assert found <= bound + 1e-9


def test_the_representation_of_a_mixture_is_the_slab_less_what_is_switched_off() -> None:
    own = SpikeAndSlab(np.array([[0.75, 0.0]]), np.array([[2.0, 2.0]]), np.zeros((1, 2)))
    assert own.mean.tolist() == [[0.5, 2.0]]
    assert own.views["slab"].tolist() == [[2.0, 2.0]]
    assert own.views["gate"].tolist() == [[0.75, 0.0]]
    sure = SpikeAndSlab(np.full((4000, 1), 0.999), np.full((4000, 1), 5.0), np.zeros((4000, 1)))
    assert np.median(np.abs(sure.sample(np.random.default_rng(0)))) < 2 * SPIKE


def test_categoricals_by_hand() -> None:
    half = Categorical(np.array([[0.5, 0.5, 0, 0, 1, 0], [0, 0, 0, 1, 0.5, 0.5]]), (4, 2))
    prior = UniformCategorical((4, 2))
    assert np.allclose(half.kl(prior), [[log(2), log(2)], [log(4), 0]])
    assert np.allclose(prior.log_density(np.zeros((3, 6))), -log(8))
    states = half.states(8)
    assert states is not None
    assert len(np.unique(states, axis=0)) == 8
    assert (states.reshape(8, 6).sum(1) == 2).all()
    assert half.states(7) is None
    # Four texts, each with a value of its own, are told apart; two values shared by two each not.
    assert mutual_information(Categorical(np.eye(4), (4,)), draws=1, seed=0) == pytest.approx(
        log(4)
    )
    shared = Categorical(np.eye(2)[[0, 0, 1, 1]], (2,))
    assert mutual_information(shared, draws=1, seed=0) == pytest.approx(log(2))
    # One bit through a channel that flips a fourth: log 2 less its entropy.
    noisy = Categorical(np.array([[0.75, 0.25], [0.25, 0.75]]), (2,))
    entropy = -0.75 * log(0.75) - 0.25 * log(0.25)
    assert mutual_information(noisy, draws=1, seed=0) == pytest.approx(log(2) - entropy)
    # The variance of a variable is that of all of its values: 2/4 * 4/3 here, and none there.
    both = Categorical(np.hstack([np.eye(2)[[0, 0, 1, 1]], np.full((4, 2), 0.5)]), (2, 2))
    assert active_units(both, 0.66) == 1
    assert active_units(both, 0.67) == 0


def test_drawn_information_agrees_with_the_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    posterior = categorical(40)
    exact = mutual_information(posterior, draws=1, seed=0)
    monkeypatch.setattr(information, "MOST_STATES", 0)
    assert mutual_information(posterior, draws=400, seed=0) == pytest.approx(exact, abs=0.02)
    parts = Product([posterior.take(np.arange(40)), categorical(40)])
    assert parts.states(36) is not None
    assert parts.states(35) is None


class Coins(LinearGaussian):
    """Two texts, written from one of three values with known probabilities."""

    table = np.array([[0.9, 0.5, 0.1], [0.1, 0.5, 0.9]])
    latent_size = 3
    prior = UniformCategorical((3,))

    def posterior(self, texts):  # type: ignore[no-untyped-def]
        return Categorical(np.array([[0.6, 0.3, 0.1], [0.2, 0.3, 0.5]]), (3,))

    def log_likelihood(self, texts, latents):  # type: ignore[no-untyped-def]
        return np.log((latents * self.table).sum(2))


def test_likelihoods_of_finitely_many_values_are_sums() -> None:
    model, texts = Coins(), ("heads", "tails")
    posterior = model.posterior(texts)
    exact = importance_weighted(model, texts, posterior, samples=3, seed=0)
    assert np.allclose(exact, log(2))
    runs = [importance_weighted(model, texts, posterior, samples=2, seed=s) for s in range(2000)]
    assert np.mean(runs) > log(2) + 0.01
    many = [
        importance_weighted(model, texts, Drawn(posterior), samples=200, seed=s) for s in (0, 1)
    ]
    assert np.allclose(many, log(2), atol=0.1)
    assert elbo(model, texts, posterior, draws=500, seed=0).negative.mean() > log(2)


class Drawn(Categorical):
    """The same, but never summed."""

    def __init__(self, whole: Categorical) -> None:
        super().__init__(whole.mean, whole.widths)

    def states(self, most: int) -> None:
        return None

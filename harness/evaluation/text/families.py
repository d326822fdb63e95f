"""Families of latents: diagonal Gaussians, spike-and-slab mixtures, and categoricals."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from math import log, prod

import numpy as np
from numpy.typing import NDArray

from harness.evaluation.text.latents import FloatArray, Posterior, Prior, cut, joint

LOG_TAU = float(np.log(2 * np.pi))

SPIKE = 0.05
"""Standard deviation of the spike, in which a number counts as switched off."""

STEP, REACH = 0.05, 7.0
"""Of the grid on which expectations are summed, in standard deviations. It resolves the spike
beside a slab of standard deviation 1."""

LEAST = 1e-300
"""What a probability of zero counts as in a logarithm."""


class Coordinates(ABC):
    """A distribution of independent numbers."""

    @abstractmethod
    def each(self, latents: FloatArray) -> FloatArray:
        """The log density of each, [n, size], nats."""

    def log_density(self, latents: FloatArray) -> FloatArray:
        return np.asarray(self.each(latents).sum(1))


@dataclass(frozen=True)
class StandardGaussian(Coordinates, Prior):
    """N(0, 1) in each coordinate."""

    size: int

    def sample(self, count: int, random: np.random.Generator) -> FloatArray:
        return random.standard_normal((count, self.size))

    def each(self, latents: FloatArray) -> FloatArray:
        return -0.5 * (latents**2 + LOG_TAU)


@dataclass(frozen=True)
class SpikeAndSlabPrior(Coordinates, Prior):
    """`off N(0, SPIKE^2) + (1 - off) N(0, 1)` in each coordinate; `off` is between 0 and 1."""

    size: int
    off: float

    def sample(self, count: int, random: np.random.Generator) -> FloatArray:
        spiked = random.random((count, self.size)) < self.off
        return random.standard_normal(spiked.shape) * np.where(spiked, SPIKE, 1.0)

    def each(self, latents: FloatArray) -> FloatArray:
        zero = np.zeros(self.size)
        return _mixture(latents, np.full(self.size, self.off), zero, zero)


@dataclass(frozen=True)
class Gaussian(Coordinates, Posterior):
    """Independent Gaussians, float64 [n, size] each."""

    mean: FloatArray
    log_variance: FloatArray

    def sample(self, random: np.random.Generator) -> FloatArray:
        noise = random.standard_normal(self.mean.shape)
        return self.mean + noise * np.exp(0.5 * self.log_variance)

    def each(self, latents: FloatArray) -> FloatArray:
        return _normal(latents, self.mean, self.log_variance)

    def log_densities(self, latents: FloatArray) -> FloatArray:
        precision = np.exp(-self.log_variance)
        constant = -0.5 * (self.log_variance + LOG_TAU).sum(1)
        weighted = self.mean * precision
        constant = constant - 0.5 * (self.mean * weighted).sum(1)
        return np.asarray(latents @ weighted.T - 0.5 * (latents**2) @ precision.T + constant)

    def kl(self, prior: Prior) -> FloatArray:
        """In closed form from the standard Gaussian, otherwise summed on a grid."""
        if isinstance(prior, StandardGaussian):
            variance = np.exp(self.log_variance)
            return 0.5 * (self.mean**2 + variance - 1 - self.log_variance)
        return _expected_ratio(self, prior, self.mean, np.exp(0.5 * self.log_variance))

    def take(self, index: NDArray[np.int64]) -> Gaussian:
        return Gaussian(self.mean[index], self.log_variance[index])


@dataclass(frozen=True)
class SpikeAndSlab(Coordinates, Posterior):
    """`off N(0, SPIKE^2) + (1 - off) N(slab, exp(log_variance))`, [n, size] each.

    Where the probability of the spike has a distribution of its own, `off` is its mean: a decoder
    that sees z alone depends on nothing else of it.
    """

    off: FloatArray
    slab: FloatArray
    log_variance: FloatArray
    mean: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", (1 - self.off) * self.slab)

    @property
    def views(self) -> dict[str, FloatArray]:
        """The probability that a number is switched off, and the slab's mean without it."""
        return {"gate": self.off, "slab": self.slab}

    def sample(self, random: np.random.Generator) -> FloatArray:
        spiked = random.random(self.off.shape) < self.off
        noise = random.standard_normal(self.off.shape)
        slab = self.slab + noise * np.exp(0.5 * self.log_variance)
        return np.where(spiked, SPIKE * noise, slab)

    def each(self, latents: FloatArray) -> FloatArray:
        return _mixture(latents, self.off, self.slab, self.log_variance)

    def log_densities(self, latents: FloatArray) -> FloatArray:
        found = np.zeros((len(latents), len(self)))
        columns = zip(latents.T, self.off.T, self.slab.T, self.log_variance.T, strict=True)
        for own, *parts in columns:
            found += _mixture(own[:, None], *parts)
        return found

    def kl(self, prior: Prior) -> FloatArray:
        """Of the mixtures themselves, with the gate summed out; on a grid."""
        zero, deviation = np.zeros_like(self.slab), np.exp(0.5 * self.log_variance)
        spike = _expected_ratio(self, prior, zero, zero + SPIKE)
        slab = _expected_ratio(self, prior, self.slab, deviation)
        return self.off * spike + (1 - self.off) * slab

    def take(self, index: NDArray[np.int64]) -> SpikeAndSlab:
        return SpikeAndSlab(self.off[index], self.slab[index], self.log_variance[index])


@dataclass(frozen=True)
class UniformCategorical(Prior):
    """Independent variables with equally likely values, one-hot; `blocks` are their numbers."""

    blocks: tuple[int, ...]
    size: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", sum(self.blocks))

    def sample(self, count: int, random: np.random.Generator) -> FloatArray:
        shares = np.concatenate([np.full((count, width), 1 / width) for width in self.blocks], 1)
        return Categorical(shares, self.blocks).sample(random)

    def log_density(self, latents: FloatArray) -> FloatArray:
        return np.full(len(latents), -sum(map(log, self.blocks)))


@dataclass(frozen=True)
class Categorical(Posterior):
    """Independent variables with finitely many values, one-hot.

    `mean`: their probabilities, [n, sum of widths]. `widths`: the number of values of each.
    """

    mean: FloatArray
    widths: tuple[int, ...]

    @property
    def blocks(self) -> tuple[int, ...]:
        return self.widths

    def sample(self, random: np.random.Generator) -> FloatArray:
        chance = random.random((len(self), len(self.widths), 1))
        drawn = []
        for number, own in enumerate(cut(self.mean, self.widths)):
            value = (own.cumsum(1)[:, :-1] < chance[:, number]).sum(1)
            drawn.append(np.eye(own.shape[1])[value])
        return np.hstack(drawn)

    def log_density(self, latents: FloatArray) -> FloatArray:
        return np.asarray((latents * self._logs).sum(1))

    def log_densities(self, latents: FloatArray) -> FloatArray:
        return np.asarray(latents @ self._logs.T)

    def kl(self, prior: Prior) -> FloatArray:
        """`log V + sum_v p_v log p_v`, exact."""
        assert isinstance(prior, UniformCategorical)
        starts = np.cumsum([0, *self.widths[:-1]])
        entropies = -np.add.reduceat(self.mean * self._logs, starts, axis=1)
        return np.log(self.widths) - entropies

    def take(self, index: NDArray[np.int64]) -> Categorical:
        return Categorical(self.mean[index], self.widths)

    def states(self, most: int) -> FloatArray | None:
        return (
            joint([np.eye(width) for width in self.widths]) if prod(self.widths) <= most else None
        )

    @property
    def _logs(self) -> FloatArray:
        return np.log(np.maximum(self.mean, LEAST))


def _normal(z: FloatArray, mean: FloatArray, log_variance: FloatArray) -> FloatArray:
    """log N(z; mean, exp(log_variance)) of each."""
    scaled = (z - mean) ** 2 / np.exp(log_variance)
    return -0.5 * (scaled + log_variance + LOG_TAU)


def _mixture(
    z: FloatArray, off: FloatArray, slab: FloatArray, log_variance: FloatArray
) -> FloatArray:
    """log of the spike-and-slab density of each."""
    spike = np.log(off) - 0.5 * ((z / SPIKE) ** 2 + LOG_TAU) - log(SPIKE)
    other = np.log1p(-off) + _normal(z, slab, log_variance)
    # Twice as fast as logaddexp, and mutual information asks it of all pairs of texts.
    return np.maximum(spike, other) + np.log1p(np.exp(-np.abs(spike - other)))


def _expected_ratio(
    posterior: Coordinates, prior: Prior, mean: FloatArray, deviation: FloatArray
) -> FloatArray:
    """E[log q(z) - log p(z)] over N(mean, deviation^2), [n, size]: the trapezoidal rule.

    Its error falls exponentially in the fineness of the grid (Trefethen and Weideman 2014).
    """
    assert isinstance(prior, Coordinates)
    points = np.arange(-REACH, REACH + STEP / 2, STEP)
    shares = np.exp(-0.5 * points**2)
    total = np.zeros_like(mean)
    for point, share in zip(points, shares / shares.sum(), strict=True):
        z = mean + deviation * point
        total += share * (posterior.each(z) - prior.each(z))
    return total

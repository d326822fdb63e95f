"""Distributions of latents: what a posterior and a prior of any family must say of themselves.

Latents are float64 arrays [n, size]. They are made of variables, each of which is a number, or a
one-hot block of columns where it has finitely many values.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class Prior(ABC):
    """p(z).

    Attributes
    ----------
    size : columns of a latent.
    """

    size: int

    @abstractmethod
    def sample(self, count: int, random: np.random.Generator) -> FloatArray:
        """Draws, [count, size]."""

    @abstractmethod
    def log_density(self, latents: FloatArray) -> FloatArray:
        """log p(z), [n], nats; of finitely many values the logarithm of the probability."""


class Posterior(ABC):
    """q(z|x) of n texts.

    Attributes
    ----------
    mean : E[z|x], [n, size]; of a variable with finitely many values their probabilities.
    """

    mean: FloatArray

    def __len__(self) -> int:
        return len(self.mean)

    @property
    def blocks(self) -> tuple[int, ...]:
        """Columns of each variable, in order: one, or its number of values."""
        return (1,) * int(self.mean.shape[1])

    @property
    def views(self) -> Mapping[str, FloatArray]:
        """What else a text can be represented by, [n, any width] each, beside the mean."""
        return {}

    @abstractmethod
    def sample(self, random: np.random.Generator) -> FloatArray:
        """One draw a text, [n, size]."""

    @abstractmethod
    def log_density(self, latents: FloatArray) -> FloatArray:
        """log q(z|x) of one latent a text, [n], nats."""

    @abstractmethod
    def log_densities(self, latents: FloatArray) -> FloatArray:
        """log q(z|x) of each of some latents, [m, size], under every text, [m, n], nats."""

    @abstractmethod
    def kl(self, prior: Prior) -> FloatArray:
        """KL from a prior of the same family in each variable, [n, variables], nats."""

    @abstractmethod
    def take(self, index: NDArray[np.int64]) -> Posterior:
        """Those of the texts at these positions."""

    def states(self, most: int) -> FloatArray | None:
        """Every value that z can take, [values, size]; None where there are more than `most`."""
        return None


@dataclass(frozen=True)
class ProductPrior(Prior):
    """Independent parts, whose columns follow each other."""

    parts: Sequence[Prior]
    size: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", sum(part.size for part in self.parts))

    def sample(self, count: int, random: np.random.Generator) -> FloatArray:
        return np.hstack([part.sample(count, random) for part in self.parts])

    def log_density(self, latents: FloatArray) -> FloatArray:
        pairs = zip(self.parts, cut(latents, [part.size for part in self.parts]), strict=True)
        return np.asarray(np.sum([part.log_density(own) for part, own in pairs], axis=0))


@dataclass(frozen=True)
class Product(Posterior):
    """Parts that are independent given the text, and whose columns follow each other."""

    parts: Sequence[Posterior]
    mean: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", np.hstack([part.mean for part in self.parts]))

    @property
    def blocks(self) -> tuple[int, ...]:
        return tuple(width for part in self.parts for width in part.blocks)

    def sample(self, random: np.random.Generator) -> FloatArray:
        return np.hstack([part.sample(random) for part in self.parts])

    def log_density(self, latents: FloatArray) -> FloatArray:
        pairs = zip(self.parts, self._cut(latents), strict=True)
        return np.asarray(np.sum([part.log_density(own) for part, own in pairs], axis=0))

    def log_densities(self, latents: FloatArray) -> FloatArray:
        pairs = zip(self.parts, self._cut(latents), strict=True)
        return np.asarray(np.sum([part.log_densities(own) for part, own in pairs], axis=0))

    def kl(self, prior: Prior) -> FloatArray:
        assert isinstance(prior, ProductPrior)
        pairs = zip(self.parts, prior.parts, strict=True)
        return np.hstack([part.kl(own) for part, own in pairs])

    def take(self, index: NDArray[np.int64]) -> Product:
        return Product([part.take(index) for part in self.parts])

    def states(self, most: int) -> FloatArray | None:
        found = [states for part in self.parts if (states := part.states(most)) is not None]
        count = np.prod([len(states) for states in found])
        return joint(found) if len(found) == len(self.parts) and count <= most else None

    def _cut(self, latents: FloatArray) -> list[FloatArray]:
        return cut(latents, [part.mean.shape[1] for part in self.parts])


def joint(values: Sequence[FloatArray]) -> FloatArray:
    """Every combination of rows, one of each array, side by side."""
    return np.array([np.concatenate(rows) for rows in product(*values)])


def cut(latents: FloatArray, widths: Sequence[int]) -> list[FloatArray]:
    """The columns of each of some parts that follow each other."""
    edges = np.cumsum([0, *widths])
    return [latents[:, start:end] for start, end in pairwise(edges)]

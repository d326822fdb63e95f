"""The contract of a model of texts; `harness.contract.learner` has the rest.

A model is a class in a file of its own under `baselines/`, found by discovery like every method.
The harness asks it for likelihoods and posteriors and measures everything else itself.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from data.texts import TextTask
from harness.contract.learner import Learner
from harness.system.progress import Progress

if TYPE_CHECKING:
    from harness.encoders.backbones import Backbone

FloatArray = NDArray[np.float64]

LOG_TAU = float(np.log(2 * np.pi))


@dataclass(frozen=True)
class Posterior:
    """q(z|x) of n texts, diagonal Gaussians, float64 [n, size]; the prior is the standard one."""

    mean: FloatArray
    log_variance: FloatArray

    def __len__(self) -> int:
        return len(self.mean)

    def sample(self, random: np.random.Generator) -> FloatArray:
        """One draw a text, float64 [n, size]."""
        noise = random.standard_normal(self.mean.shape)
        return self.mean + noise * np.exp(0.5 * self.log_variance)

    def log_density(self, latents: FloatArray) -> FloatArray:
        """log q(z|x) of one latent a text, [n], nats."""
        scaled = (latents - self.mean) ** 2 / np.exp(self.log_variance)
        return np.asarray(-0.5 * (scaled + self.log_variance + LOG_TAU).sum(1))

    def kl(self) -> FloatArray:
        """KL from the prior in each dimension, [n, size], nats."""
        variance = np.exp(self.log_variance)
        return 0.5 * (self.mean**2 + variance - 1 - self.log_variance)

    def take(self, index: NDArray[np.int64]) -> Posterior:
        """Those of the texts at these positions."""
        return Posterior(self.mean[index], self.log_variance[index])


def prior_log_density(latents: FloatArray) -> FloatArray:
    """log p(z) of the standard Gaussian, [n], nats, from [n, size]."""
    return np.asarray(-0.5 * (latents**2 + LOG_TAU).sum(1))


class LanguageModel(Learner):
    """A distribution over texts, with or without a latent.

    A text's probability is that of its pieces and of its end, over the whole vocabulary of the
    backbone's tokenizer.
    """

    kinds: ClassVar[tuple[str, ...]] = ("language",)

    @abstractmethod
    def fit(self, task: TextTask, backbone: Backbone, *, seed: int, progress: Progress) -> Self:
        """Learn from `task.train`, choose on `task.valid`; deterministic under `seed`."""

    @property
    @abstractmethod
    def latent_size(self) -> int:
        """Of z; 0 where there is none, and then `posterior` and `decode` are never called."""

    @abstractmethod
    def posterior(self, texts: Sequence[str]) -> Posterior:
        """q(z|x) of the texts, in their order."""

    @abstractmethod
    def log_likelihood(self, texts: Sequence[str], latents: FloatArray | None) -> FloatArray:
        """log p(x|z), float64 [samples, n], nats, for latents [samples, n, size].

        A model without a latent gets None, and has one sample.
        """

    @abstractmethod
    def decode(self, latents: FloatArray) -> list[str]:
        """The text that greedy decoding gives for each latent, [n, size]."""

    @abstractmethod
    def normalised(self, texts: Sequence[str]) -> list[str]:
        """The texts as `decode` would write them: through the tokenizer and back."""

"""The diagonal Gaussian posterior of a text, and its divergence from the prior."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, tau

from torch import Tensor

from harness.encoders.device import normal_like

LOG_TAU = log(tau)


@dataclass(frozen=True)
class Gaussian:
    """q(z|x) of each text of a batch: mean and log variance, [texts, size]."""

    mean: Tensor
    log_variance: Tensor

    def sample(self) -> Tensor:
        """A draw a text by torch's generator, differentiable in both."""
        return self.mean + normal_like(self.mean) * (0.5 * self.log_variance).exp()

    def kl(self) -> Tensor:
        """KL from the standard Gaussian in each dimension, [texts, size], nats.

        `1/2 (mean^2 + variance - 1 - log variance)` (Kingma and Welling 2014, appendix B).
        """
        return 0.5 * (self.mean.square() + self.log_variance.exp() - 1 - self.log_variance)

    def relative_to(self, prior: Gaussian) -> Gaussian:
        """The same in units of the prior, `(z - prior mean) / prior deviation`.

        There the prior is the standard Gaussian, so that `kl` is the divergence from it.
        """
        mean = (self.mean - prior.mean) * (-0.5 * prior.log_variance).exp()
        return Gaussian(mean, self.log_variance - prior.log_variance)

    def at(self, units: Tensor) -> Tensor:
        """Where it has these standard units, [..., texts, size]."""
        return self.mean + units * (0.5 * self.log_variance).exp()

    def log_density(self, points: Tensor) -> Tensor:
        """Of points [..., texts, size], [..., texts], nats."""
        scaled = (points - self.mean).square() * (-self.log_variance).exp()
        return -0.5 * (scaled + self.log_variance + LOG_TAU).sum(-1)

"""The diagonal Gaussian posterior of a text, and its divergence from the prior."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from harness.encoders.device import normal_like


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

"""Models of texts whose likelihoods are known in closed form."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np

from data.texts import TextTask
from harness.encoders.backbones import Backbone
from harness.evaluation.text.families import LOG_TAU, Gaussian
from harness.evaluation.text.latents import FloatArray
from harness.evaluation.text.model import LanguageModel
from harness.system.progress import Progress


class LinearGaussian(LanguageModel):
    """A text is a number y = w z + noise; its posterior given here is off by a factor.

    Attributes
    ----------
    weight, noise : w, and the standard deviation of the noise.
    width : standard deviation of the approximate posterior.
    asked : how many latents `log_likelihood` was given at most at once.
    """

    name = "linear-gaussian"

    def __init__(self, weight: float = 1.5, noise: float = 0.5, width: float = 0.6) -> None:
        super().__init__()
        self.weight, self.noise, self.width, self.asked = weight, noise, width, 0

    latent_size = 1

    def posterior(self, texts: Sequence[str]) -> Gaussian:
        y = np.array([[float(text)] for text in texts])
        mean = y * self.weight / (self.weight**2 + self.noise**2) * 0.9
        return Gaussian(mean, np.full_like(mean, 2 * np.log(self.width)))

    def log_likelihood(self, texts: Sequence[str], latents: FloatArray | None) -> FloatArray:
        if latents is None:
            return self.log_evidence(texts)[None]
        self.asked = max(self.asked, latents.size)
        y = np.array([float(text) for text in texts])
        scaled = (y - self.weight * latents[..., 0]) / self.noise
        found: FloatArray = -0.5 * (scaled**2 + LOG_TAU) - np.log(self.noise)
        return found

    def log_evidence(self, texts: Sequence[str]) -> FloatArray:
        """log p(y), [n]: y is Gaussian with variance w^2 + noise^2."""
        y = np.array([float(text) for text in texts])
        variance = self.weight**2 + self.noise**2
        found: FloatArray = -0.5 * (y**2 / variance + LOG_TAU + np.log(variance))
        return found

    def decode(self, latents: FloatArray) -> list[str]:
        return [f"{value:.1f}" for value in self.weight * latents[:, 0]]

    def normalised(self, texts: Sequence[str]) -> list[str]:
        return [f"{float(text):.1f}" for text in texts]

    def fit(self, task: TextTask, backbone: Backbone, *, seed: int, progress: Progress) -> Self:
        return self

    def save(self, folder: Path) -> None:
        return None

    def load(self, folder: Path, backbone: Backbone) -> Self:
        return self

    trainable_parameters = 0


class Deaf(LinearGaussian):
    """Its decoder ignores the latent, while its posterior varies with the text."""

    def log_likelihood(self, texts: Sequence[str], latents: FloatArray | None) -> FloatArray:
        assert latents is not None
        return np.broadcast_to(self.log_evidence(texts), latents.shape[:2]).copy()

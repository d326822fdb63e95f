"""The methods `mat-vae` and `text-mat-vae`: one fixed sparse prior, matched by its moments."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from baselines.sparse_vae.hsvae import SparseModel, SparseSettings, log_mixture
from baselines.text_vae.lstm import LstmModel, LstmSettings
from baselines.text_vae.model import LatentMaps
from baselines.text_vae.posteriors import DiagonalGaussian, Drawn
from baselines.text_vae.settings import TextVaeSettings
from baselines.text_vae.text_vae import TextVae
from harness.encoders.device import normal_like
from harness.evaluation.text.families import SPIKE

SCALES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Of the inverse multiquadric kernels, whose constants are twice as large."""


@dataclass(frozen=True)
class MatchedGaussian(DiagonalGaussian):
    """Independent Gaussians, whose prior is a spike-and-slab mixture; `settings` say which."""

    settings: SparseSettings

    def drawn(self, *, texts: int, share: float) -> Drawn:
        """The KL from one draw, since it has no closed form, and the discrepancy of the batch."""
        latents, zero = self.sample(), torch.zeros_like(self.mean)
        off = zero + self.settings.share_off
        # A mixture without a spike, in float32.
        own = log_mixture(latents, zero, self.mean, self.log_variance)
        kl = own - log_mixture(latents, off, zero, zero)
        spiked = torch.rand(zero.shape).to(zero.device) < off
        prior = normal_like(zero) * torch.where(spiked, SPIKE, 1.0)
        return Drawn(latents, kl, self.settings.mmd_weight * discrepancy(latents, prior))

    def arrays(self) -> Mapping[str, Tensor]:
        return {"mean": self.mean, "log_variance": self.log_variance}


def discrepancy(first: Tensor, second: Tensor) -> Tensor:
    """Squared maximum mean discrepancy of two samples of n, [n, size], without bias.

    It is the sum over coordinates, so that marginals are matched and not what they have in common;
    0 for a sample of one, which has no pairs (Gretton et al. 2012, eq. 3).
    """
    n = len(first)
    if n < 2:
        return first.sum() * 0

    def kernel(one: Tensor, other: Tensor) -> Tensor:
        squared = (one[:, None] - other[None]).square()
        return torch.stack([2 * s / (2 * s + squared) for s in SCALES]).sum()

    # A vector's kernel with itself is 1 in each coordinate and on each scale.
    itself = n * first.shape[1] * len(SCALES)
    within = kernel(first, first) + kernel(second, second) - 2 * itself
    return within / (n * (n - 1)) - 2 * kernel(first, second) / n**2


class MatchedMaps(LatentMaps):
    """Those of a diagonal Gaussian."""

    def __init__(self, width: int, settings: SparseSettings) -> None:
        super().__init__(width, settings.latent_size)
        self.settings = settings

    def forward(self, pooled: Tensor) -> MatchedGaussian:
        found = super().forward(pooled)
        return MatchedGaussian(found.mean, found.log_variance, self.settings)


class MatchedModel(SparseModel):
    """What both methods share."""

    main_variants: ClassVar[tuple[str, ...]] = ("default", "weight-0.01", "weights-0.01")
    variants = {
        "weight-0.01": {"kl_weight": 0.01},
        "weights-0.01": {"kl_weight": 0.01, "mmd_weight": 0.04},
    }
    studies = {}

    def build_maps(self, width: int) -> nn.Module:
        return MatchedMaps(width, self.settings)


@dataclass(frozen=True)
class MatVaeSettings(LstmSettings, SparseSettings):
    """Those of the LSTMs and of the prior."""


class MatVae(MatchedModel, LstmModel):
    """An LSTM VAE with a fixed sparse prior. Source: Prokhorov et al. 2021, MAT-VAE.

    Beside the KL, draws of a batch are matched with draws of the prior, coordinate by coordinate.
    """

    name = "mat-vae"
    Settings = MatVaeSettings


@dataclass(frozen=True)
class TextMatVaeSettings(TextVaeSettings, SparseSettings):
    """Those of `text-vae` and of the prior."""

    free_bits: float = 0.0


class TextMatVae(MatchedModel, TextVae):
    """`mat-vae` on the pretrained pair of `text-vae`. Source: Prokhorov et al. 2021, MAT-VAE."""

    name = "text-mat-vae"
    Settings = TextMatVaeSettings

"""The methods `hsvae` and `text-hsvae`: a hierarchical sparse VAE on either pair."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.distributions import Beta, kl_divergence

from baselines.text_vae.language import PiecewiseModel
from baselines.text_vae.lstm import LstmModel, LstmSettings
from baselines.text_vae.posteriors import BatchPosterior, Drawn
from baselines.text_vae.settings import TextVaeSettings, TrainingSettings
from baselines.text_vae.text_vae import TextVae
from data.errors import UserError
from harness.encoders.device import normal_like
from harness.evaluation.text.families import LOG_TAU, SPIKE, SpikeAndSlab, SpikeAndSlabPrior
from harness.evaluation.text.latents import FloatArray, Posterior, Prior

LEAST, MOST = 0.5, 100.0
"""Between which Beta parameters are clipped: outside, draws of the gate give NaN."""

TINY = 1e-6
"""How near to 0 and 1 a draw of the gate may be."""


@dataclass(frozen=True, kw_only=True)
class SparseSettings(TrainingSettings):
    """Beside those of training: the prior, and how each method follows it.

    Attributes
    ----------
    prior_off, prior_on : Beta parameters of the probability that a number is switched off.
    temperature : of the gate's concrete distribution; `mat-vae` has no gate.
    mmd_weight : of the discrepancy of a batch of draws from draws of the prior, in `mat-vae`.
    """

    prior_off: float = 4.0
    prior_on: float = 1.0
    temperature: float = 0.5
    mmd_weight: float = 4.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if min(self.prior_off, self.prior_on, self.temperature) <= 0:
            raise UserError("prior_off, prior_on and temperature must be above 0; raise them")

    @property
    def bucketed(self) -> bool:
        """Not here: draws of a batch follow the prior only where its texts are of all lengths."""
        return False

    @property
    def share_off(self) -> float:
        """The mean of the Beta prior: the weight of the spike with the gate summed out."""
        return self.prior_off / (self.prior_off + self.prior_on)


@dataclass(frozen=True)
class GatedPosterior(BatchPosterior):
    """`gamma ~ Beta(off, on)`, and z from the spike with probability gamma, else from the slab.

    Attributes
    ----------
    off, on, slab, log_variance : [texts, size] each.
    settings : the prior and the temperature.
    """

    off: Tensor
    on: Tensor
    slab: Tensor
    log_variance: Tensor
    settings: SparseSettings

    @property
    def mean(self) -> Tensor:  # type: ignore[override]
        return self.on / (self.off + self.on) * self.slab

    def drawn(self, *, texts: int, share: float) -> Drawn:
        """One draw of gamma, gate and z; the KL of z given gamma, and that of gamma.

        Gradients pass gamma by implicit reparameterisation (Figurnov et al. 2018), and the gate
        straight through its concrete distribution (Maddison et al. 2017).
        """
        settings = self.settings
        own = Beta(self.off, self.on)
        # Drawn on the processor, so that a seed draws the same on every device.
        drawn = Beta(self.off.cpu(), self.on.cpu()).rsample().to(self.off.device)
        gamma = drawn.clamp(TINY, 1 - TINY)
        noise = torch.logit(torch.rand(gamma.shape).clamp(TINY, 1 - TINY)).to(gamma.device)
        soft = torch.sigmoid((torch.logit(gamma) + noise) / settings.temperature)
        gate = (soft > 0.5).float() + soft - soft.detach()
        slab = self.slab + normal_like(self.slab) * (0.5 * self.log_variance).exp()
        latents = gate * SPIKE * normal_like(gate) + (1 - gate) * slab
        zero = torch.zeros_like(gamma)
        of_latents = log_mixture(latents, gamma, self.slab, self.log_variance)
        of_latents = of_latents - log_mixture(latents, gamma, zero, zero)
        prior = Beta(torch.full_like(zero, settings.prior_off), zero + settings.prior_on)
        return Drawn(latents, of_latents + kl_divergence(own, prior))

    def arrays(self) -> Mapping[str, Tensor]:
        off = self.off / (self.off + self.on)
        return {"off": off, "slab": self.slab, "log_variance": self.log_variance}


class GatedMaps(nn.Module):
    """Linear maps to the slab, and with a bias to the gate."""

    def __init__(self, width: int, settings: SparseSettings) -> None:
        super().__init__()
        self.settings = settings
        self.slab = nn.Linear(width, 2 * settings.latent_size, bias=False)
        self.gate = nn.Linear(width, 2 * settings.latent_size)

    def forward(self, pooled: Tensor) -> GatedPosterior:
        """q(z|x) from [texts, width], in float32."""
        off, on = clipped(nn.functional.softplus(self.gate(pooled).float())).chunk(2, dim=1)
        slab, log_variance = self.slab(pooled).float().chunk(2, dim=1)
        return GatedPosterior(off, on, slab, log_variance, self.settings)


def clipped(parameters: Tensor) -> Tensor:
    """Between `LEAST` and `MOST`, with the gradient of what they were."""
    return parameters + (parameters.clamp(LEAST, MOST) - parameters).detach()


def log_mixture(z: Tensor, off: Tensor, slab: Tensor, log_variance: Tensor) -> Tensor:
    """log of `off N(0, SPIKE^2) + (1 - off) N(slab, exp(log_variance))` at each z."""
    spike = -0.5 * ((z / SPIKE).square() + LOG_TAU) - log(SPIKE)
    other = -0.5 * ((z - slab).square() / log_variance.exp() + log_variance + LOG_TAU)
    return torch.logaddexp(off.log() + spike, torch.log1p(-off) + other)


class SparseModel(PiecewiseModel):
    """A model whose prior is a spike-and-slab mixture."""

    @property
    def prior(self) -> Prior:
        settings: SparseSettings = self.settings
        return SpikeAndSlabPrior(settings.latent_size, settings.share_off)


class GatedModel(SparseModel):
    """What both methods share."""

    main_variants: ClassVar[tuple[str, ...]] = ("default", "beta-1-1")
    variants = {
        "beta-1-1": {"prior_off": 1.0},
        "weight-1": {"kl_weight": 1.0},
        "beta-1-1-weight-1": {"prior_off": 1.0, "kl_weight": 1.0},
    }
    studies = {"language": {"weight-1": 1, "beta-1-1-weight-1": 1}}

    def build_maps(self, width: int) -> nn.Module:
        return GatedMaps(width, self.settings)

    def evaluated(self, arrays: Mapping[str, FloatArray]) -> Posterior:
        return SpikeAndSlab(**arrays)


@dataclass(frozen=True)
class HsvaeSettings(LstmSettings, SparseSettings):
    """Those of the LSTMs and of the gate; `kl_weight` is of both KL terms."""

    kl_weight: float = 0.01


class Hsvae(GatedModel, LstmModel):
    """An LSTM VAE each of whose texts switches latents off. Source: Prokhorov et al. 2021 (HSVAE).

    A gate with a Beta prior chooses between a spike at 0 and a slab. The decoder sees z alone, so
    evaluation takes the mixtures with the gate summed out.
    """

    name = "hsvae"
    Settings = HsvaeSettings


@dataclass(frozen=True)
class TextHsvaeSettings(TextVaeSettings, SparseSettings):
    """Those of `text-vae` and of the gate; `kl_weight` is of both KL terms."""

    kl_weight: float = 0.01
    free_bits: float = 0.0


class TextHsvae(GatedModel, TextVae):
    """`hsvae` on the pretrained pair of `text-vae`. Source: Prokhorov et al. 2021; Park and Lee."""

    name = "text-hsvae"
    Settings = TextHsvaeSettings

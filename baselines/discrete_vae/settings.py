"""The settings of discrete VAEs and of their rivals."""

from dataclasses import dataclass

from baselines.text_vae.kl_terms import Annealing
from baselines.text_vae.lstm import LstmSettings
from data.errors import UserError


@dataclass(frozen=True)
class MixedSettings(LstmSettings):
    """Beside those of the LSTMs, here sized for sentences of some seven words: latents and costs.

    Attributes
    ----------
    latents, values : categorical latents, and the number of values of each.
    like_factors : whether there is a categorical latent for each factor of the task instead, with
        as many values: it takes knowledge of the corpus.
    gaussians : Gaussian latents beside them.
    temperature : of the Gumbel-softmax.
    hard : whether its draws are one-hot, with the gradients of soft ones.
    tc_weight : gamma, annealed as `kl_weight` is, where all latents are categorical; 0 leaves total
        correlation free, and at `kl_weight` it counts as the rest of the KL does.
    tc_target : C, nats a text, at which total correlation is held.
    capacity : nats a text to which the KL is led over the first `annealing_share` of the steps and
        at which it is held, shared evenly by Gaussians and categoricals; 0 weighs the KL instead.
    capacity_weight : of the distance from it.
    """

    warm_up_epochs: int = 3
    patience: int = 3
    epochs: int = 9
    batch_texts: int = 64
    rate: float = 3e-3
    encoder_rate: float = 3e-3
    latent_rate: float = 3e-3
    kl_weight: float = 0.1
    annealing: Annealing = "monotone"
    embedding: int = 96
    units: int = 192
    curve_points: int = 5
    latents: int = 16
    values: int = 4
    like_factors: bool = False
    gaussians: int = 0
    temperature: float = 0.7
    hard: bool = True
    tc_weight: float = 0.0
    tc_target: float = 0.0
    capacity: float = 0.0
    capacity_weight: float = 2.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.free_bits or self.target_kl:
            raise UserError("free_bits and target_kl hold no KL here; leave both at 0")
        if self.temperature <= 0 or self.values < 2 or not self.latents + self.gaussians:
            raise UserError("a latent, two values and a temperature above 0 are needed; raise them")

    @property
    def bucketed(self) -> bool:
        """Not here: what latents share, and their mean KL, are those of texts of all lengths."""
        return False

    @property
    def weight_of_marginals(self) -> float:
        """Of the KL of each marginal, where all latents are categorical."""
        return self.kl_weight


@dataclass(frozen=True)
class DiscreteVaeSettings(MixedSettings):
    """The same, with pressure on total correlation and on the marginals.

    Attributes
    ----------
    marginal_weight : of the KL of each latent's marginal from its uniform prior, annealed as
        `kl_weight` is, which is left to the mutual information.
    """

    tc_weight: float = 0.5
    marginal_weight: float = 0.5

    @property
    def weight_of_marginals(self) -> float:
        return self.marginal_weight


@dataclass(frozen=True)
class JointVaeSettings(MixedSettings):
    """The same, with Gaussians and a capacity, the entropy of the sentences of `dsentences`."""

    latents: int = 8
    gaussians: int = 8
    capacity: float = 12.6

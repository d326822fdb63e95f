"""The method `lstm-vae`, and the language model without its latent, `lstm-lm`."""

from __future__ import annotations

from dataclasses import dataclass

from baselines.text_vae.kl_terms import Annealing
from baselines.text_vae.lstm import LstmModel, LstmSettings


@dataclass(frozen=True)
class LstmVaeSettings(LstmSettings):
    """Those of the LSTMs, with annealing."""

    annealing: Annealing = "monotone"


class LstmVae(LstmModel):
    """An LSTM VAE trained against collapse in four ways. Source: Bowman et al. 2016.

    `default` anneals the KL monotonically (Bowman et al. 2016), `cyclical` in four cycles (Fu et
    al. 2019); `aggressive` trains the encoder ahead of the decoder while the mutual information
    still rises (He et al. 2019); `autoencoder-free-bits` trains an autoencoder first, resets the
    decoder, and anneals with 8 nats free over the dimensions (Li et al. 2019). The published
    trainings used SGD and many more epochs; here AdamW serves all models alike.
    """

    name = "lstm-vae"
    Settings = LstmVaeSettings
    main_variants = ("default", "autoencoder-free-bits")
    variants = {
        "cyclical": {"annealing": "cyclical"},
        "aggressive": {"inner_steps": 10},
        "autoencoder-free-bits": {
            "warm_up_epochs": 3,
            "reset_decoder": True,
            "free_bits": 0.25,
        },
    }
    studies = {"language": {"cyclical": 1, "aggressive": 1}}


class LstmLm(LstmModel):
    """An LSTM language model without a latent, from scratch. Source: Bowman et al. 2016, baseline.

    The decoder of `lstm-vae` alone.
    """

    name = "lstm-lm"

    @property
    def latent_size(self) -> int:
        return 0

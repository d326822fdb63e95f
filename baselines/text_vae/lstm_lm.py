"""The method `lstm-lm`."""

from __future__ import annotations

from baselines.text_vae.lstm import LstmModel


class LstmLm(LstmModel):
    """An LSTM language model without a latent, from scratch. Source: Bowman et al. 2016, baseline.

    The decoder of `lstm-vae` alone.
    """

    name = "lstm-lm"

    @property
    def latent_size(self) -> int:
        return 0

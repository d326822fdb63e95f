"""The method `decoder-lm`."""

from __future__ import annotations

from dataclasses import dataclass

from baselines.text_vae.settings import TextVaeSettings
from baselines.text_vae.text_vae import TextVae


@dataclass(frozen=True)
class DecoderLmSettings(TextVaeSettings):
    """Those of `text-vae`; what concerns the latent means nothing here."""

    warm_up_epochs: int = 0
    epochs: int = 2


class DecoderLm(TextVae):
    """The decoder of `text-vae` finetuned without a latent. Source: Park and Lee 2021, reference.

    It has as many epochs as the decoder of the VAE in both phases together.
    """

    name = "decoder-lm"
    Settings = DecoderLmSettings
    main_variants = ("default",)
    variants = {}
    studies = {}

    @property
    def latent_size(self) -> int:
        return 0

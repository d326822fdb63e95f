"""The method `text-vae`, and the language model without its latent, `decoder-lm`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from baselines.text_vae.language import PiecewiseModel
from baselines.text_vae.pair import Pair
from baselines.text_vae.pieces import Pieces
from baselines.text_vae.settings import TextVaeSettings
from baselines.text_vae.transformer import transformer_pair
from harness.encoders.backbones import Backbone

DEFECTS: Mapping[str, Mapping[str, Any]] = {
    "latents-scrambled": {"latents_scrambled": True},
    "denoising-swapped": {"deletion": 0.15, "denoising_swapped": True},
    "loss-scaled-by-padding": {"loss_scaled_by_padding": True, "kl_weight": 0.1},
    "unmasked-pooling": {"unmasked_pooling": True},
    "unshuffled": {"unshuffled": True},
}
"""What the released code does otherwise than the paper says, one at a time."""

TECHNIQUES: Mapping[str, Mapping[str, Any]] = {
    "vanilla": {"warm_up_epochs": 0, "free_bits": 0.0},
    "no-warm-up": {"warm_up_epochs": 0},
    "no-free-bits": {"free_bits": 0.0},
    "warm-up-2": {"warm_up_epochs": 2},
    "decoder-frozen": {"freeze_decoder": True},
    "decoder-reset": {"reset_decoder": True},
    "deletion-0.15": {"deletion": 0.15},
    "deletion-0.4": {"deletion": 0.4},
    "free-bits-0.5": {"free_bits": 0.5},
    "free-bits-3": {"free_bits": 3.0},
    "free-bits-6": {"free_bits": 6.0},
    "free-bits-example": {"threshold": "example"},
    "free-bits-total": {"threshold": "total"},
    "target-kl": {"free_bits": 0.0, "target_kl": 8.0},
    "monotone": {"annealing": "monotone"},
    "cyclical": {"annealing": "cyclical"},
    "pooling-max": {"pooling": "max"},
    "pooling-first": {"pooling": "first"},
    "latent-64": {"latent_size": 64},
    "latent-128": {"latent_size": 128},
    "injection-cross": {"injection": "cross"},
    "injection-input": {"injection": "input"},
    "samples-5": {"samples": 5},
    "vanilla-samples-5": {"warm_up_epochs": 0, "free_bits": 0.0, "samples": 5},
}
"""The techniques against collapse that the paper compares, and what is compared beside them."""


MAIN = ("default", "vanilla", "latents-scrambled")
"""The rows that carry the claims."""


class TextVae(PiecewiseModel):
    """A pretrained transformer finetuned into a VAE of texts. Source: Park and Lee 2021.

    Phase 1 trains it as an autoencoder, phase 2 with the KL and free bits. The latent enters the
    decoder as memory. A T5 is taken as it is; an encoder of BERT's type warm-starts both sides
    (Rothe et al. 2020).
    """

    name = "text-vae"
    Settings = TextVaeSettings
    main_variants: ClassVar[tuple[str, ...]] = MAIN
    variants = {**TECHNIQUES, **DEFECTS}
    studies = {"language": {v: 1 for v in {**TECHNIQUES, **DEFECTS} if v not in MAIN}}
    profiles = {
        "smoke": {"batch_texts": 16, "max_pieces": 24, "curve_points": 2, "curve_texts": 8},
        "quick": {
            "encoder_layers": 2,
            "decoder_layers": 2,
            "batch_texts": 16,
            "warm_up_epochs": 6,
            "epochs": 3,
            "curve_points": 4,
            "curve_texts": 40,
        },
    }

    def build_pair(self, backbone: Backbone, pieces: Pieces) -> Pair:
        return transformer_pair(backbone, pieces, self.settings, self.latent_size)


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
    profiles = {
        **TextVae.profiles,
        "quick": {**TextVae.profiles["quick"], "warm_up_epochs": 0, "epochs": 9},
    }

    @property
    def latent_size(self) -> int:
        return 0

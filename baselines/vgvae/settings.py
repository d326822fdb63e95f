"""The settings of the autoencoder."""

from __future__ import annotations

from dataclasses import dataclass

from harness.training.settings import StoppingSettings


@dataclass(frozen=True)
class VgvaeSettings(StoppingSettings):
    """Sizes, margins and weights of the KL are those of Chen et al. 2019; (?) is a reconstruction.

    Attributes
    ----------
    max_tokens, target_tokens : pieces of a text that are encoded, and that are predicted (?).
    vocabulary : most frequent pieces that the decoder distinguishes; all others are one.
    embedding : width of the decoder's embeddings (?).
    units : of each direction of the syntactic encoder's GRU, and of the decoder's (?).
    semantic_size, syntactic_size : sizes of the latents.
    dropout : of embeddings (?).
    steps : training steps.
    batch_pairs : pairs of paraphrases a step.
    rate : Adam's learning rate; `harness.training.schedule` shapes it.
    clip : largest norm of the gradient (?).
    reconstruction, paraphrase, discriminative, position : weights of the losses, see
        `baselines.vgvae.losses`.
    semantic_kl, syntactic_kl : weights of the KL terms.
    margin : of the discriminative loss.
    start_concentration : of the semantic latent before training (?).
    """

    max_tokens: int = 64
    target_tokens: int = 24
    vocabulary: int = 3000
    embedding: int = 128
    units: int = 192
    semantic_size: int = 50
    syntactic_size: int = 50
    dropout: float = 0.2
    steps: int = 2400
    batch_pairs: int = 30
    rate: float = 2e-3
    clip: float = 5.0
    reconstruction: float = 1.0
    paraphrase: float = 1.0
    discriminative: float = 1.0
    position: float = 1.0
    semantic_kl: float = 1e-4
    syntactic_kl: float = 1e-3
    margin: float = 0.4
    start_concentration: float = 50.0

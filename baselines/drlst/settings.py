"""The settings that both autoencoders share."""

from dataclasses import dataclass

from harness.training.settings import StoppingSettings


@dataclass(frozen=True)
class DrlstSettings(StoppingSettings):
    """Settings of a disentangled autoencoder; weights and sizes are those of John et al. 2019.

    Attributes
    ----------
    content : the aspect that stands for content; tasks without it are as in `model.latent_sizes`.
    max_tokens, target_tokens : pieces of a text that are encoded, and that are reconstructed.
    vocabulary : most frequent pieces that are known; all others are one unknown piece.
    embedding : width of the embeddings of pieces.
    units : of each direction of the GRU encoder, and of the GRU decoder.
    style_size, content_size : sizes of the latents.
    dropout : of embeddings and of the encoder's output.
    steps : training steps.
    batch_texts : texts a step, spread evenly over the cells.
    encoder_rate, rate, adversary_rate : learning rates of the encoder and of everything else (Adam)
        and of the adversaries (RMSProp, as published); `harness.training.schedule` shapes the first
        two.
    clip : largest norm of the gradient of the autoencoder.
    reconstruction, multitask, bag_of_words, adversary, bag_adversary, kl : weights of the losses.
    annealing : share of the steps after which the KL has its whole weight.
    """

    content: str = "genre"
    max_tokens: int = 96
    target_tokens: int = 48
    vocabulary: int = 5000
    embedding: int = 128
    units: int = 256
    style_size: int = 8
    content_size: int = 128
    dropout: float = 0.2
    steps: int = 200
    batch_texts: int = 64
    encoder_rate: float = 1e-3
    rate: float = 1e-3
    adversary_rate: float = 1e-2
    clip: float = 1.0
    reconstruction: float = 1.0
    multitask: float = 10.0
    bag_of_words: float = 3.0
    adversary: float = 1.0
    bag_adversary: float = 0.03
    kl: float = 0.03
    annealing: float = 0.3

"""The settings of all models of texts here: those of training, and those of the transformers."""

from dataclasses import dataclass
from typing import Literal

from baselines.text_vae.injection import Way
from baselines.text_vae.kl_terms import Annealing, Threshold, check_annealing
from data.errors import UserError
from harness.contract.choices import check_choices

Pooling = Literal["mean", "max", "first"]


@dataclass(frozen=True)
class TrainingSettings:
    """How a model of texts is trained.

    Attributes
    ----------
    max_pieces : texts are cut to this many pieces.
    batch_texts : texts a step.
    warm_up_epochs : of phase 1, an autoencoder without KL; 0 leaves it out.
    patience : epochs without a better reconstruction of the validation texts after which phase 1
        ends early; 0 trains all epochs.
    epochs : of phase 2, with the KL.
    second_patience : epochs of phase 2 without a better bound of the validation texts after which
        its last quarter begins at once; 0 trains all epochs.
    rate, encoder_rate, latent_rate : AdamW's learning rates: of decoder, output and embedding; of
        the encoder; of the maps to and from the latent. `harness.training.schedule` shapes them in
        each phase. An encoder at the decoder's rate can collapse to one vector for all texts before
        the decoder listens to it.
    weight_decay, clip : of AdamW, and the largest norm of the gradient.
    latent_size : of z.
    samples : K, draws of the latent for each text in phase 2, of which the one under which the text
        is the most probable is trained on, with one KL (Sato et al. 2021).
    deletion : share of the pieces that the encoder misses in phase 1.
    freeze_decoder : whether phase 1 leaves the decoder as it is; the latent's entry is trained.
    reset_decoder : whether phase 2 starts from the decoder, output and latent's entry as they were
        before phase 1.
    free_bits, threshold : nats a dimension that cost nothing, and on what they are counted.
    target_kl : nats a text at which the KL is held instead; 0 holds it nowhere.
    kl_weight : beta, at the end of the annealing.
    annealing, annealing_share, cycles : how it rises there over phase 2.
    inner_steps : the most steps of the encoder alone before one of the decoder, while the mutual
        information of the validation texts still rises (He et al. 2019); 0 trains both at once.
    unshuffled : the released code's defect: batches follow the order of the corpus.
    loss_scaled_by_padding : the same: reconstruction is averaged over padded positions, so that it
        is `padded_pieces` times smaller beside the KL.
    denoising_swapped : the same: wherever pieces are deleted, the encoder gets the attention mask
        for pieces and the pieces for attention mask, and a third of `deletion` is deleted.
    unmasked_pooling : the same: padding takes part in the pooling. Texts are padded as far as the
        longest of the training, not to `padded_pieces`: the effect is there, at less cost.
    padded_pieces : the length to which the released code pads.
    curve_points, curve_texts : how often KL, mutual information and use of z are measured while
        training, and on how many validation texts.
    """

    max_pieces: int = 64
    batch_texts: int = 32
    warm_up_epochs: int = 1
    patience: int = 1
    epochs: int = 1
    second_patience: int = 0
    rate: float = 5e-4
    encoder_rate: float = 1e-4
    latent_rate: float = 3e-3
    weight_decay: float = 0.01
    clip: float = 1.0
    latent_size: int = 32
    samples: int = 1
    deletion: float = 0.0
    freeze_decoder: bool = False
    reset_decoder: bool = False
    free_bits: float = 0.0
    threshold: Threshold = "batch"
    target_kl: float = 0.0
    kl_weight: float = 1.0
    annealing: Annealing = "none"
    annealing_share: float = 0.5
    cycles: int = 4
    inner_steps: int = 0
    unshuffled: bool = False
    loss_scaled_by_padding: bool = False
    denoising_swapped: bool = False
    unmasked_pooling: bool = False
    padded_pieces: int = 256
    curve_points: int = 10
    curve_texts: int = 100

    def __post_init__(self) -> None:
        check_choices(self)
        if self.samples < 1:
            raise UserError(f"{self.samples} samples are no draw; give 1 or more")
        if not 0 <= self.deletion < 1:
            raise UserError(f"deletion is {self.deletion}; give a share from 0 up to below 1")
        check_annealing(self.annealing, share=self.annealing_share, cycles=self.cycles)

    @property
    def bucketed(self) -> bool:
        """Whether texts of like length share a batch."""
        return True


@dataclass(frozen=True)
class TextVaeSettings(TrainingSettings):
    """Beside those of training: how a pretrained transformer becomes the VAE.

    Attributes
    ----------
    encoder_layers, decoder_layers : the first ones of the checkpoint that are kept; 0 keeps all.
    dropout : in encoder and decoder.
    pooling : of the encoder's last states.
    injection : how z enters the decoder.
    latents_scrambled : the released code's defect: z is scrambled across the batch.
    """

    free_bits: float = 0.25
    encoder_layers: int = 3
    decoder_layers: int = 3
    dropout: float = 0.0
    pooling: Pooling = "mean"
    injection: Way = "memory"
    latents_scrambled: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.latents_scrambled and self.injection != "memory":
            raise UserError("latents are scrambled in memory alone; use injection memory")

    @property
    def bucketed(self) -> bool:
        """Not where a text is written from the latents of others, which would tell its length."""
        return super().bucketed and not self.latents_scrambled

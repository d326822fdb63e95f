"""The settings of `response-vae`."""

from dataclasses import dataclass
from typing import Literal

from baselines.text_vae.kl_terms import Annealing, check_annealing
from data.errors import UserError
from harness.contract.choices import check_choices


@dataclass(frozen=True)
class ResponseVaeSettings:
    """How a response VAE is built and trained.

    Attributes
    ----------
    max_pieces : contexts and responses are cut to this many pieces.
    steps, batch_texts : steps, and pairs of context and response in each.
    rate, encoder_rate, latent_rate : AdamW's learning rates: of decoder, output and embedding; of
        the encoder; of what reads and enters the latent.
    weight_decay, clip : of AdamW, and the largest norm of the gradient.
    encoder_layers, decoder_layers : the first ones of the checkpoint that are kept; 0 keeps all.
    dropout : in encoder and decoder.
    latent_size : of z.
    samples : K, draws of the latent for each pair.
    draws : what is made of them. `best` trains on the one under which the response is the most
        probable, with one KL (Sato et al. 2021); `averaged` decodes from their mean; `bound` is the
        importance-weighted bound of K draws (Burda et al. 2016).
    kl_weight, annealing, annealing_share, cycles : as of `text-vae`; a bound takes neither.
    bag_of_words : weight of predicting the response's distinct pieces from latent and context.
    """

    max_pieces: int = 40
    steps: int = 500
    batch_texts: int = 64
    rate: float = 5e-4
    encoder_rate: float = 1e-4
    latent_rate: float = 1e-3
    weight_decay: float = 0.01
    clip: float = 1.0
    encoder_layers: int = 3
    decoder_layers: int = 3
    dropout: float = 0.1
    latent_size: int = 64
    samples: int = 5
    draws: Literal["best", "averaged", "bound"] = "best"
    kl_weight: float = 1.0
    annealing: Annealing = "none"
    annealing_share: float = 0.5
    cycles: int = 4
    bag_of_words: float = 0.0

    def __post_init__(self) -> None:
        check_choices(self)
        if self.samples < 1:
            raise UserError(f"{self.samples} samples are no draw; give 1 or more")
        check_annealing(self.annealing, share=self.annealing_share, cycles=self.cycles)
        if self.draws == "bound" and (self.annealing != "none" or self.kl_weight != 1):
            raise UserError("a bound has no KL to weigh; leave annealing and kl_weight out")

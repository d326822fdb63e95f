"""The methods `lstm-vae` and `lstm-lm`: what text VAEs were before pretrained transformers."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from baselines.text_vae.kl_terms import Annealing
from baselines.text_vae.language import PiecewiseModel
from baselines.text_vae.pair import Pair, TiedOutput
from baselines.text_vae.pieces import Frame, Pieces
from baselines.text_vae.settings import TrainingSettings
from harness.encoders.backbones import Backbone


@dataclass(frozen=True)
class LstmSettings(TrainingSettings):
    """Beside those of training: sizes.

    Attributes
    ----------
    embedding : width of the pieces' vectors, which are the output layer's too.
    units : of the encoder and of the decoder.
    dropout : of the decoder's input and of its states.
    """

    warm_up_epochs: int = 0
    epochs: int = 6
    rate: float = 1e-3
    encoder_rate: float = 1e-3
    latent_rate: float = 1e-3
    weight_decay: float = 0.0
    embedding: int = 192
    units: int = 384
    dropout: float = 0.2


class LstmPair(Pair):
    """One layer each; z is the decoder's first cell and stands beside each of its inputs.

    As in Bowman et al. 2016 and He et al. 2019. The encoder's last state is what is read.

    `latent`: its size; 0 leaves encoder and latent out.
    """

    def __init__(self, pieces: Pieces, settings: LstmSettings, latent: int) -> None:
        super().__init__()
        units, width = settings.units, settings.embedding
        self.width = units
        self.embedding = nn.Embedding(len(pieces), width)
        # Small enough that logits start at the pieces' frequencies.
        nn.init.normal_(self.embedding.weight, std=0.1)
        self.output = TiedOutput(pieces, 1.0)
        self.reader = nn.LSTM(width, units, batch_first=True) if latent else nn.Module()
        parts: dict[str, nn.Module] = {
            "lstm": nn.LSTM(width + latent, units, batch_first=True),
            "out": nn.Linear(units, width),
            "dropout": nn.Dropout(settings.dropout),
        }
        if latent:
            parts["entry"] = nn.Linear(latent, units)
        self.writer = nn.ModuleDict(parts)

    def read(self, ids: Tensor, mask: Tensor, pooled: Tensor | None = None) -> Tensor:
        # Not packed, since a processor reads a padded batch in one call and a packed one by steps.
        states, _ = self.reader(self.embedding(ids))
        ends = (mask if pooled is None else pooled).sum(1) - 1
        last: Tensor = states[torch.arange(len(ids), device=ids.device), ends]
        return last

    def write(self, latents: Tensor | None, given: Tensor, mask: Tensor) -> Tensor:
        parts = self.writer
        vectors = parts["dropout"](self.embedding(given))
        start = None
        if latents is not None:
            beside = latents[:, None, :].expand(-1, vectors.shape[1], -1)
            vectors = torch.cat([vectors, beside], dim=2)
            cell = parts["entry"](latents)[None]
            start = (torch.tanh(cell), cell)
        states, _ = parts["lstm"](vectors, start)
        written: Tensor = parts["out"](parts["dropout"](states))
        return written

    def entries(self) -> list[nn.Module]:
        return [self.writer["entry"]] if "entry" in self.writer else []


CONVERGED = {"epochs": 12, "second_patience": 1, "dropout": 0.4}
"""Trained until the validation texts gain no more, for 12 epochs at most."""


class LstmModel(PiecewiseModel):
    """A model of texts by LSTMs over the pieces of the backbone's tokenizer.

    Nothing of the backbone but its tokenizer is used, so probabilities are of the same pieces.
    """

    Settings = LstmSettings
    profiles = {
        "smoke": {
            "batch_texts": 16,
            "max_pieces": 24,
            "curve_points": 2,
            "curve_texts": 8,
            "epochs": 1,
            "embedding": 16,
            "units": 16,
        },
        "quick": {"epochs": 4, "curve_points": 4, "curve_texts": 40},
    }

    def frame(self, backbone: Backbone) -> Frame:
        tokenizer = backbone.tokenizer
        start, end = tokenizer.cls_token_id, tokenizer.sep_token_id
        padding = tokenizer.pad_token_id
        if start is None or end is None:
            start, end = padding, tokenizer.eos_token_id
        return Frame((), start, end, padding)

    def build_pair(self, backbone: Backbone, pieces: Pieces) -> Pair:
        return LstmPair(pieces, self.settings, self.latent_size)


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
    trainings used SGD and many more epochs; here AdamW serves all models alike. `weight-0.01`
    keeps the KL's weight that small, for comparison with sparse VAEs. `converged` trains on until
    validation texts gain no more.
    """

    name = "lstm-vae"
    Settings = LstmVaeSettings
    main_variants = ("default", "autoencoder-free-bits")
    variants = {
        "cyclical": {"annealing": "cyclical"},
        # The information that stops it cannot exceed the logarithm of the texts it is measured on.
        "aggressive": {"inner_steps": 10, "curve_texts": 500},
        "converged": CONVERGED,
        "weight-0.01": {"annealing": "none", "kl_weight": 0.01},
        "autoencoder-free-bits": {"warm_up_epochs": 3, "reset_decoder": True, "free_bits": 0.25},
    }
    studies = {"language": {"cyclical": 1, "aggressive": 1}}


class LstmLm(LstmModel):
    """An LSTM language model without a latent, from scratch. Source: Bowman et al. 2016, baseline.

    The decoder of `lstm-vae` alone.
    """

    name = "lstm-lm"
    variants = {"converged": CONVERGED}

    @property
    def latent_size(self) -> int:
        return 0

"""The autoencoder: two encoders over frozen embeddings of pieces, and a decoder of both latents."""

from dataclasses import dataclass
from math import log

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.drlst.model import predictions
from baselines.gaussian import Gaussian
from harness.encoders.encoding import mean_pool
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
        `baselines.vgvae.training`.
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


@dataclass(frozen=True)
class Posterior:
    """q(y|x) and q(z|x) for a batch.

    `direction`: unit vectors, float32 [texts, semantic size], the mean of y. `concentration`:
    float32 [texts], above 1. `syntactic`: of z, [texts, syntactic size].
    """

    direction: Tensor
    concentration: Tensor
    syntactic: Gaussian


class Autoencoder(nn.Module):
    """The whole model.

    Parameters
    ----------
    pieces : float32 [tokenizer's ids, width], the backbone's embeddings; they stay as they are, so
        words that no training text has can be read too.
    vocabulary : number of pieces that the decoder distinguishes.
    """

    pieces: Tensor

    def __init__(self, pieces: Tensor, vocabulary: int, settings: VgvaeSettings) -> None:
        super().__init__()
        self.register_buffer("pieces", pieces, persistent=False)
        width, units = pieces.shape[1], settings.units
        latent = settings.semantic_size + settings.syntactic_size
        self.dropout = nn.Dropout(settings.dropout)
        self.semantic = nn.Linear(width, settings.semantic_size + 1)
        self.start_concentration = settings.start_concentration
        self.reader = nn.GRU(width, units, batch_first=True, bidirectional=True)
        self.syntactic = nn.Linear(2 * units, 2 * settings.syntactic_size)
        self.embedding = nn.Embedding(vocabulary, settings.embedding)
        self.writer = nn.GRU(settings.embedding + latent, units, batch_first=True)
        self.out = nn.Linear(units, vocabulary)
        self.placer = nn.Sequential(
            nn.Linear(width + settings.syntactic_size, units),
            nn.ReLU(),
            nn.Linear(units, settings.max_tokens),
        )

    def posterior(self, ids: Tensor, mask: Tensor) -> Posterior:
        """The latents of texts.

        `ids`, `mask`: int64 [texts, pieces], of the backbone's tokenizer.
        """
        embedded = self.dropout(self.pieces[ids])
        read = self.semantic(mean_pool(embedded, mask))
        # Packing reads the lengths on the processor.
        packed = nn.utils.rnn.pack_padded_sequence(
            embedded, mask.sum(1).cpu(), batch_first=True, enforce_sorted=False
        )
        states, _ = nn.utils.rnn.pad_packed_sequence(self.reader(packed)[0], batch_first=True)
        mean, log_variance = self.syntactic(mean_pool(states, mask)).chunk(2, dim=1)
        return Posterior(
            F.normalize(read[:, 1:], dim=1),
            # In units of where it starts: a step of Adam's would hardly move it in units of one.
            1 + self.start_concentration * F.softplus(read[:, 0]) / log(2),
            Gaussian(mean, log_variance),
        )

    def written(self, latents: Tensor, indices: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """As of `baselines.drlst.model.predictions`, from both latents side by side."""
        given = self.dropout(self.embedding(indices[:, :-1]))
        return predictions(self.writer, self.out, given, latents, indices, mask)

    def places(self, ids: Tensor, syntactic: Tensor) -> Tensor:
        """Which place each piece stands in, as its embedding and z tell: [texts, pieces, places].

        `ids`: int64 [texts, pieces]. `syntactic`: [texts, syntactic size].
        """
        beside = syntactic[:, None, :].expand(-1, ids.shape[1], -1)
        logits: Tensor = self.placer(torch.cat([self.pieces[ids], beside], dim=2))
        return logits

"""The autoencoder: two encoders over frozen embeddings of pieces, and a decoder of both latents."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.drlst.model import predictions
from baselines.gaussian import Gaussian
from baselines.vgvae.settings import VgvaeSettings
from harness.encoders.encoding import mean_pool


@dataclass(frozen=True)
class Posterior:
    """q(y|x) and q(z|x) for a batch.

    Attributes
    ----------
    direction : unit vectors, float32 [texts, semantic size], the mean of y.
    concentration : float32 [texts], above 1.
    syntactic : of z, [texts, syntactic size].
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

        Parameters
        ----------
        ids : int64 [texts, pieces].
        syntactic : [texts, syntactic size].
        """
        beside = syntactic[:, None, :].expand(-1, ids.shape[1], -1)
        logits: Tensor = self.placer(torch.cat([self.pieces[ids], beside], dim=2))
        return logits

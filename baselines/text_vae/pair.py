"""The parts of every VAE here: a reader, a writer and an output layer."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor, nn

from baselines.text_vae.pieces import Pieces
from harness.encoders.precision import autocast


class Pair(nn.Module, ABC):
    """A network that reads texts into vectors and one that writes texts from latents.

    Attributes
    ----------
    embedding : [pieces, width of the embeddings], shared by both and by the output layer.
    output : the output layer.
    reader, writer : the parts of their own; what belongs to the latent's entry is the writer's.
    width : of the vectors that `read` gives.
    """

    embedding: nn.Embedding
    output: TiedOutput
    reader: nn.Module
    writer: nn.ModuleDict
    width: int

    @abstractmethod
    def read(self, ids: Tensor, mask: Tensor, pooled: Tensor | None = None) -> Tensor:
        """One vector a text, [texts, width].

        `ids`, `mask`: int64 [texts, pieces]. `pooled`: what to pool over instead of the mask, of
        the same shape.
        """

    @abstractmethod
    def write(self, latents: Tensor | None, given: Tensor, mask: Tensor) -> Tensor:
        """States from which each next piece is predicted, [texts, pieces, width of embeddings].

        `latents`: [texts, size], or None for a pair without a latent. `given`, `mask`: int64
        [texts, pieces], with the start first.
        """

    @abstractmethod
    def entries(self) -> list[nn.Module]:
        """Through which the latent enters the writer; empty without a latent."""

    def logits(self, states: Tensor) -> Tensor:
        """Of all pieces, float32 [..., pieces], from what `write` gives."""
        with autocast():
            logits: Tensor = self.output(states, self.embedding)
        return logits.float()


class TiedOutput(nn.Module):
    """Logits by the embedding's own weights, and a bias that starts at the pieces' frequencies.

    `pieces`: known ones, with their frequencies in the training texts. `scale`: factor on the
    products; T5 takes `width ** -.5`.
    """

    def __init__(self, pieces: Pieces, scale: float) -> None:
        super().__init__()
        self._scale = scale
        self.bias = nn.Parameter(pieces.log_frequencies())

    def forward(self, states: Tensor, embedding: nn.Embedding) -> Tensor:
        """float32 [..., pieces]."""
        logits: Tensor = nn.functional.linear(states * self._scale, embedding.weight) + self.bias
        return logits.float()

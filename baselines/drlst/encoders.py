"""Encoders: from texts to the vectors from which the latents are computed."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from baselines.drlst.settings import DrlstSettings
from baselines.drlst.vocabulary import Vocabulary
from harness.encoders.backbones import Backbone
from harness.encoders.encoding import Tokens, tokenise


@dataclass(frozen=True)
class Reading:
    """Texts that an encoder is ready to read.

    `tokens`: n texts. `vectors`: from the positions of a batch to what the encoder makes of it,
    float32 [len(positions), width].
    """

    tokens: Tokens
    vectors: Callable[[NDArray[np.int64]], Tensor]


class Encoder(nn.Module, ABC):
    """An encoder of texts; its parameters are trained.

    `width`: of its vectors.
    """

    width: int

    @abstractmethod
    def read(self, texts: Sequence[str]) -> Reading:
        """Make texts ready."""

    def groups(self, rate: float) -> list[dict[str, Any]]:
        """Its parameters as an optimiser takes them; one group, at the encoder's rate."""
        return [{"params": list(self.parameters()), "lr": rate}]


class GruEncoder(Encoder):
    """A GRU over the pieces of a text in both directions, from its own embeddings.

    `backbone`: whose tokenizer splits the texts. `vocabulary`: the pieces it knows.
    """

    def __init__(self, backbone: Backbone, vocabulary: Vocabulary, settings: DrlstSettings) -> None:
        super().__init__()
        embedding, units = settings.embedding, settings.units
        self.width = 2 * units
        self._backbone = backbone
        self._vocabulary = vocabulary
        self._max_tokens = settings.max_tokens
        self.embedding = nn.Embedding(len(vocabulary), embedding)
        self.dropout = nn.Dropout(settings.dropout)
        self.onward = nn.GRU(embedding, units, batch_first=True)
        self.back = nn.GRU(embedding, units, batch_first=True)

    def read(self, texts: Sequence[str]) -> Reading:
        tokens = tokenise(self._backbone, texts, self._max_tokens)
        return Reading(tokens, lambda index: self(*tokens.batch(index)))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """The last state of each direction, float32 [texts, 2 units].

        `ids`, `mask`: int64 [texts, tokens]; what the mask leaves out counts for nothing.
        """
        lengths = mask.sum(1)
        # Reversed without their padding; packed sequences cost three times as much backwards.
        places = torch.arange(ids.shape[1], device=ids.device)
        reversed_ = (lengths[:, None] - 1 - places).clamp(min=0)
        rows = torch.arange(len(ids), device=ids.device)
        indices = self._vocabulary.index(ids)
        last = [
            gru(self.dropout(self.embedding(read)))[0][rows, lengths - 1]
            for gru, read in ((self.onward, indices), (self.back, indices.gather(1, reversed_)))
        ]
        return torch.cat(last, dim=1)

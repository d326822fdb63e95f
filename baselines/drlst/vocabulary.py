"""The pieces that the autoencoder knows, out of those of the backbone's tokenizer."""

from collections import Counter
from typing import Any, Self

import torch
from torch import Tensor

from harness.encoders.encoding import Tokens

UNKNOWN = 0
"""The index that all unknown pieces share; known ones follow it."""


class Vocabulary:
    """The most frequent pieces of some texts, numbered from 1.

    `pieces`: int64 [known], the tokenizer's ids of the known pieces. `table_size`: number of the
    tokenizer's ids.
    """

    def __init__(self, pieces: Tensor, table_size: int) -> None:
        self.pieces = pieces
        self._table = torch.full((table_size,), UNKNOWN)
        self._table[pieces] = torch.arange(1, len(pieces) + 1)

    @classmethod
    def of(cls, tokens: Tokens, size: int, tokenizer: Any) -> Self:
        """The `size` most frequent pieces; equally frequent ones in the order of their ids."""
        counts: Counter[int] = Counter()
        for ids in tokens.ids:
            counts.update(ids.tolist())
        ranked = sorted(counts, key=lambda piece: (-counts[piece], piece))
        return cls(torch.tensor(ranked[:size]), len(tokenizer))

    def __len__(self) -> int:
        return len(self.pieces) + 1

    def index(self, ids: Tensor) -> Tensor:
        """From the tokenizer's ids to the vocabulary's indices, int64 of the same shape."""
        # The table follows the ids, which are the processor's first and then the device's.
        self._table = self._table.to(ids.device)
        return self._table[ids]

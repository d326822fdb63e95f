"""Several texts in one row, so that hardly any position is spent on padding.

In a batch of texts of all lengths, most positions may be padding, and every linear map multiplies
them too. Packed, short texts stand behind one another in rows as long as the longest text, and an
attention mask keeps each text to itself, so every token gets the state that it gets alone.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

if TYPE_CHECKING:
    from transformers import PreTrainedModel

FAMILIES = frozenset({"bert", "distilbert", "electra", "mpnet", "roberta"})
"""Families whose layers know no positions, or only how far apart tokens stand, which sharing a row
does not change. Layers with local attention, such as ModernBERT's, make their masks themselves."""

VARIABLE = "DISENTANGLE_PACKING"
"""Says `off` where no rows are shared, to see what that changes."""


def packs() -> bool:
    """Whether texts share rows where the family lets them."""
    return os.environ.get(VARIABLE) != "off"


def can_pack(model: PreTrainedModel) -> bool:
    """Whether texts may share a row of the model's layers, once they are embedded."""
    return packs() and model.config.model_type in FAMILIES


@dataclass(frozen=True)
class Packing:
    """Where the tokens of a padded batch stand in rows that texts share.

    Attributes
    ----------
    texts, columns : int64 [tokens], where each token stands in the padded batch.
    places : int64 [tokens], where it stands in the rows, counted through all of them.
    rows, width : of the packed batch.
    """

    texts: Tensor
    columns: Tensor
    places: Tensor
    rows: int
    width: int

    @classmethod
    def of(cls, mask: Tensor) -> Packing:
        """For a mask [b, t], 1 for a token and 0 for the padding behind a text."""
        lengths = mask.sum(1).cpu().numpy()
        width = int(lengths.max())
        starts, rows = _starts(lengths, width)
        texts, columns = mask.nonzero(as_tuple=True)
        first = torch.from_numpy(starts).to(mask.device)
        return cls(texts, columns, first[texts] + columns, rows, width)

    @property
    def positions(self) -> int:
        """Of all rows, with what is left empty."""
        return self.rows * self.width

    def pack(self, values: Tensor) -> Tensor:
        """[rows, width, ...] from [b, t, ...], 0 where no token stands."""
        rest = values.shape[2:]
        packed = values.new_zeros((self.positions, *rest))
        packed[self.places] = values[self.texts, self.columns]
        return packed.view(self.rows, self.width, *rest)

    def unpack(self, packed: Tensor, shape: torch.Size) -> Tensor:
        """[b, t, ...] from [rows, width, ...], 0 where no token stands; `shape` is (b, t)."""
        tokens = packed.flatten(0, 1)[self.places]
        empty = packed.new_zeros((*shape, *packed.shape[2:]))
        return empty.index_put((self.texts, self.columns), tokens)

    def attention_mask(self, dtype: torch.dtype) -> Tensor:
        """[rows, 1, width, width] to add to attention's scores: 0 within a text, else the lowest
        number of the type."""
        owners = self.texts.new_full((self.positions,), -1)
        owners[self.places] = self.texts
        owners = owners.view(self.rows, 1, self.width)
        apart = owners[:, :, :, None] != owners[:, :, None, :]
        return torch.zeros(apart.shape, dtype=dtype, device=apart.device).masked_fill_(
            apart, torch.finfo(dtype).min
        )


def _starts(lengths: NDArray[np.int64], width: int) -> tuple[NDArray[np.int64], int]:
    """Where each text begins, counted through all rows, and how many rows there are.

    First fit, the longest first (Johnson 1973): at most 11/9 of the fewest rows possible, and one.
    """
    free: list[int] = []
    starts = np.zeros(len(lengths), dtype=np.int64)
    for text in np.argsort(-lengths, kind="stable"):
        needed = int(lengths[text])
        row = next((row for row, left in enumerate(free) if left >= needed), len(free))
        if row == len(free):
            free.append(width)
        starts[text] = row * width + width - free[row]
        free[row] -= needed
    return starts, len(free)

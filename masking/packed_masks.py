"""Masks as packed bits: one bit for each entry and aspect."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from masking.masks import MaskedLinear

OPEN, CLOSED = 0.5, -0.5
"""Scores of masks that are put in place; only their sign matters."""


def pack_masks(maps: Sequence[MaskedLinear]) -> Tensor:
    """uint8 [aspects, ceil(entries / 8)]: 1 for open, the maps' entries one after the other."""
    aspects = range(len(maps[0].scores))
    rows = [np.concatenate([m.opened()[k].cpu().numpy().ravel() for m in maps]) for k in aspects]
    return torch.from_numpy(np.packbits(np.stack(rows), axis=1))


def unpack_masks(packed: Tensor, maps: Sequence[MaskedLinear]) -> None:
    """Give the maps the masks that `pack_masks` packed.

    Raises
    ------
    ValueError : the bits are those of other maps or another number of aspects.
    """
    sizes = [masked.scores[0].numel() for masked in maps]
    aspects = len(maps[0].scores)
    if packed.dtype != torch.uint8 or packed.shape != (aspects, (sum(sizes) + 7) // 8):
        raise ValueError(
            f"packed bytes of shape {tuple(packed.shape)} cannot hold {aspects} masks of "
            f"{sum(sizes)} entries"
        )
    bits = np.unpackbits(packed.numpy(), axis=1, count=sum(sizes)).astype(np.bool_)
    for aspect, row in enumerate(bits):
        parts = np.split(row, np.cumsum(sizes)[:-1])
        for masked, part in zip(maps, parts, strict=True):
            scores = masked.scores[aspect]
            put_mask(scores, torch.from_numpy(part.copy()).view(scores.shape))


def put_mask(scores: Tensor, open_: Tensor) -> None:
    """Set scores so that exactly those entries are open.

    Parameters
    ----------
    scores : float32 [r, c], on any device.
    open_ : bool [r, c], on the processor.
    """
    with torch.no_grad():
        scores.copy_(torch.where(open_, OPEN, CLOSED))

"""From the encoder's states of the pieces to one vector a text."""

from __future__ import annotations

from typing import Literal

from torch import Tensor

Pooling = Literal["mean", "max", "first"]


def pool(states: Tensor, mask: Tensor, how: Pooling) -> Tensor:
    """One vector a text; padding takes no part.

    Parameters
    ----------
    states : [texts, pieces, width].
    mask : [texts, pieces], 1 for a piece and 0 for padding.
    how : mean or largest value of each number over the pieces, or the first piece's state.

    Returns
    -------
    [texts, width].
    """
    if how == "first":
        return states[:, 0]
    there = mask.bool()[..., None]
    if how == "max":
        return states.masked_fill(~there, float("-inf")).amax(1)
    return (states * there).sum(1) / there.sum(1).clamp(min=1)

"""The terms of the objective (Chen et al. 2019, sections 3 and 4), one function each, in nats.

For a pair of paraphrases x0, x1 the autoencoder minimises

    l_rec L_rec + l_y KL_y + l_z KL_z + l_prl PRL + l_dpl DPL + l_wpl WPL

L_rec reconstructs a sentence from its own latents, PRL from its syntactic and the other's semantic
latent (both are the mean cross-entropy of the pieces); KL_z is that of
`baselines.gaussian`; DPL draws the semantic means of paraphrases together and separates others; WPL
predicts the position of each word from the syntactic latent.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812


def discriminative_loss(first: Tensor, second: Tensor, *, margin: float) -> Tensor:
    """DPL: `max(0, margin - cos(a, b) + cos(a, n))` and the same from b, mean over pairs.

    The negative n of a sentence is the nearest sentence of another pair in the batch, taken from
    the other side.

    `first`, `second`: unit vectors [pairs, size], the semantic means of paraphrases. Gives a
    scalar; 0 where the batch is one pair.
    """
    if len(first) < 2:
        return first.new_zeros(())
    cosines = first @ second.T
    own = cosines.diagonal()
    own_place = torch.eye(len(first), dtype=torch.bool, device=first.device)
    others = cosines.masked_fill(own_place, -2.0)
    from_first = (margin - own + others.max(dim=1).values).clamp(min=0)
    from_second = (margin - own + others.max(dim=0).values).clamp(min=0)
    return (from_first + from_second).mean()


def position_loss(logits: Tensor, mask: Tensor) -> Tensor:
    """WPL: cross-entropy of each piece's place in its sentence, a scalar, nats a piece.

    `logits`: [texts, pieces, places]. `mask`: [texts, pieces], 1 for a piece and 0 for padding.
    """
    places = torch.arange(logits.shape[1], device=logits.device).expand(len(logits), -1)
    there = mask.bool()
    return F.cross_entropy(logits[there], places[there])

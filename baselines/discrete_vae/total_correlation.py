"""Total correlation of discrete codes, estimated from a batch."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor


def total_correlation(codes: Tensor, logs: Tensor, widths: Sequence[int], *, texts: int) -> Tensor:
    """KL of the aggregate posterior from the product of its marginals, a scalar, nats.

    `E[log q(z) - sum_k log q(z_k)]` over the codes of a batch, with `q(z)` and each `q(z_k)` from
    the posteriors of its texts: a text's own counts `1/N`, as it does in the sum over all N texts,
    and the others share the rest, so that the estimate of q is unbiased and that from a batch of
    all texts exact (Chen et al. 2018, appendix C.2). Their weights of `1/(N M)` for all, appendix
    C.1, are too small by a factor in each density, which does not cancel here: with K copies of one
    fair bit and a batch of both its values they give (K - 1) log 4 for (K - 1) log 2.

    Parameters
    ----------
    codes : one-hot, [M, sum of widths]. A soft draw has no probability under a categorical.
    logs : of the probabilities of the same texts, [M, sum of widths].
    widths : the number of values of each variable.
    texts : N, how many texts there are in all.
    """
    batch = len(codes)
    if batch < 2:
        return codes.sum() * 0
    # log q(z_k of text i | text j), [variables, i, j].
    pairs = zip(*(torch.split(part, list(widths), dim=1) for part in (codes, logs)), strict=True)
    each = torch.stack([own @ other.T for own, other in pairs])
    total = max(texts, batch)
    weights = torch.full((batch, batch), math.log((total - 1) / (batch - 1) / total))
    weights.fill_diagonal_(-math.log(total))
    weights = weights.to(each)
    joint = torch.logsumexp(each.sum(0) + weights, 1)
    marginals = torch.logsumexp(each + weights, 2).sum(0)
    return (joint - marginals).mean()

"""Of several draws of the latent, the one to train on (Sato et al. 2021)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


@torch.no_grad()
def most_probable(nats: Callable[[Tensor], Tensor], drawn: Tensor) -> Tensor:
    """Which of K draws makes each text the most probable, int64 [texts]; it has no gradient.

    Parameters
    ----------
    nats : from latents [texts, size] to -log p(x|z), [texts].
    drawn : K draws, [K, texts, size]; one draw is taken unasked.
    """
    if len(drawn) == 1:
        return torch.zeros(drawn.shape[1], dtype=torch.int64, device=drawn.device)
    return torch.stack([nats(each) for each in drawn]).argmin(0)


def taken(drawn: Tensor, which: Tensor) -> Tensor:
    """For each text its own draw, [texts, ...].

    `drawn`: [K, texts, ...]. `which`: int64 [texts].
    """
    return drawn[which, torch.arange(drawn.shape[1], device=drawn.device)]

"""Greedy decoding: the most likely next piece again and again."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from baselines.text_vae.pieces import Frame


def greedy(
    following: Callable[[Tensor], Tensor],
    frame: Frame,
    texts: int,
    longest: int,
    device: torch.device,
) -> list[list[int]]:
    """Numbers of the pieces of each text, without its frame, until the end or `longest` pieces.

    Parameters
    ----------
    following : from the pieces so far, int64 [texts, pieces] with the start first, to the logits of
        the next one, [texts, pieces known].
    frame : in the numbers of the pieces.
    """
    excluded = torch.tensor(sorted({frame.start, frame.padding} - {frame.end}), device=device)
    given = torch.full((texts, 1), frame.start, device=device)
    ended = torch.zeros(texts, dtype=torch.bool, device=device)
    for _ in range(longest):
        logits = following(given)
        logits[:, excluded] = float("-inf")
        next_piece = logits.argmax(1).masked_fill(ended, frame.end)
        given = torch.cat([given, next_piece[:, None]], dim=1)
        ended |= next_piece == frame.end
        if ended.all():
            break
    written = given[:, 1:].tolist()
    return [text[: text.index(frame.end)] if frame.end in text else text for text in written]

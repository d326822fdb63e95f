"""Texts as numbered pieces, and batches of them for an encoder and a decoder."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from baselines.text_vae.pieces import Frame, Pieces
from harness.encoders.encoding import CPU

IntArray = NDArray[np.int64]

CHUNK_BATCHES = 50
"""Texts of like length are put together within chunks of so many batches, so that batches still
differ from epoch to epoch."""


@dataclass(frozen=True)
class Batch:
    """Padded texts.

    Attributes
    ----------
    ids, mask : what the encoder reads, int64 [texts, pieces] and 1 for a piece, 0 for padding.
    given, targets, there : what the decoder is given, what it shall predict, int64 [texts, pieces],
        and 1 where there is something to predict.
    """

    ids: Tensor
    mask: Tensor
    given: Tensor
    targets: Tensor
    there: Tensor

    def __len__(self) -> int:
        return len(self.ids)


class Sequences:
    """Texts of numbered pieces.

    `texts`: the tokenizer's ids of each, without special ones. `pieces`: known ones; others become
    *any other*. `device`: where batches go.
    """

    def __init__(
        self, texts: Sequence[Sequence[int]], pieces: Pieces, device: torch.device = CPU
    ) -> None:
        self.pieces = pieces
        self._device = device
        self._texts = [pieces.numbers(torch.tensor(list(ids), dtype=torch.int64)) for ids in texts]
        self.lengths = np.array([len(text) for text in self._texts], dtype=np.int64)

    def __len__(self) -> int:
        return len(self._texts)

    @property
    def longest(self) -> int:
        """Pieces of the longest text, its frame included."""
        return int(self.lengths.max(initial=0)) + 1 + len(self.pieces.frame.before)

    def numbers(self, position: int) -> list[int]:
        """The pieces of one text, without its frame."""
        listed: list[int] = self._texts[position].tolist()
        return listed

    def batch(
        self, index: Sequence[int] | IntArray, *, deletion: float = 0.0, span: float = 0.0
    ) -> Batch:
        """Some of the texts.

        `deletion`: probability with which the encoder misses a piece (torch's generator); what the
        decoder shall predict stays whole, and of each text one piece at least is seen. `span`:
        share of the pieces that it misses in one stretch, below 1.
        """
        frame = self.pieces.frame
        texts = [self._texts[i] for i in index]
        cut = [_without_span(text, span) for text in texts] if span else texts
        seen = [_deleted(text, deletion) for text in cut] if deletion else cut
        ids, mask = _padded([_framed(text, frame.before, frame.end) for text in seen], frame)
        given, there = _padded([_framed(text, (frame.start,), None) for text in texts], frame)
        targets, _ = _padded([_framed(text, (), frame.end) for text in texts], frame)
        parts = (ids, mask, given, targets, there)
        return Batch(*(part.to(self._device) for part in parts))

    def batches(self, size: int, *, bucketed: bool) -> list[IntArray]:
        """Positions of all texts: batches of like length, the longest first, or mixed ones."""
        if not bucketed:
            return mixed_batches(len(self), size, seed=0, epoch=0)
        order = np.argsort(-self.lengths, kind="stable")
        return cut_batches(order, size)


def epoch_batches(lengths: IntArray, size: int, *, seed: int, epoch: int) -> list[IntArray]:
    """All texts once, in random batches of like length.

    `lengths`: int64 [n]. `size`: texts a batch. `seed`, `epoch`: fix the order.
    """
    random = np.random.default_rng([seed, epoch])
    order = random.permutation(len(lengths))
    batches: list[IntArray] = []
    for chunk in cut_batches(order, size * CHUNK_BATCHES):
        chunk = chunk[np.argsort(lengths[chunk], kind="stable")]
        batches += cut_batches(chunk, size)
    return [batches[i] for i in random.permutation(len(batches))]


def mixed_batches(texts: int, size: int, *, seed: int, epoch: int) -> list[IntArray]:
    """All texts once, in random batches whatever their length."""
    return cut_batches(np.random.default_rng([seed, epoch]).permutation(texts), size)


def cut_batches(order: IntArray, size: int) -> list[IntArray]:
    """These positions in their order, `size` a batch."""
    return [order[start : start + size] for start in range(0, len(order), size)]


def _framed(text: Tensor, before: tuple[int, ...], end: int | None) -> Tensor:
    parts = [torch.tensor(before, dtype=torch.int64), text]
    if end is not None:
        parts.append(torch.tensor([end]))
    return torch.cat(parts)


def _padded(texts: list[Tensor], frame: Frame) -> tuple[Tensor, Tensor]:
    ids = pad_sequence(texts, batch_first=True, padding_value=frame.padding)
    lengths = torch.tensor([len(text) for text in texts])
    mask = (torch.arange(ids.shape[1])[None, :] < lengths[:, None]).long()
    return ids, mask


def _without_span(text: Tensor, share: float) -> Tensor:
    length = round(share * len(text))
    start = int(torch.randint(len(text) - length + 1, ()))
    return torch.cat([text[:start], text[start + length :]])


def _deleted(text: Tensor, rate: float) -> Tensor:
    kept = torch.rand(len(text)) >= rate
    if len(text) and not kept.any():
        kept[int(torch.randint(len(text), ()))] = True
    return text[kept]

"""The pieces that a model of texts knows, and probabilities that stay comparable for it.

An output layer over the whole vocabulary of a tokenizer is most of the work of a small decoder. It
is restricted to the pieces of the training texts and one more, *any other*, which stands for all
that were left out and shares its probability evenly among them:

    p(piece) = p(any other) / (number of pieces left out)    for a piece that was left out.

That is a distribution over the tokenizer's whole vocabulary, so negative log-likelihoods in nats
compare with those of a model whose output layer is not restricted.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor

UNKNOWN_WORD = "<unk>"
"""What corpora with a closed vocabulary write for a word outside it."""


@dataclass(frozen=True)
class Frame:
    """What a family of models puts around a text, as ids of its tokenizer.

    Attributes
    ----------
    before : what opens the encoder's input, or nothing.
    start : what the decoder is given first; it is not predicted.
    end : what closes a text; it is predicted, and counted.
    padding : what fills a batch.
    """

    before: tuple[int, ...]
    start: int
    end: int
    padding: int


class Pieces:
    """Known pieces, numbered from 0; the last number is *any other*.

    Parameters
    ----------
    known : int64 [known], ids of the tokenizer, ascending, those of the frame among them.
    vocabulary : number of the tokenizer's ids.
    frame : of the family, in the tokenizer's ids.
    counts : how often each known piece stands in the training texts, [known + 1], end of text
        included; 0 for *any other*.
    """

    def __init__(self, known: Tensor, vocabulary: int, frame: Frame, counts: Tensor) -> None:
        self.known, self.vocabulary, self.counts = known, vocabulary, counts
        self._table = torch.full((vocabulary,), len(known))
        self._table[known] = torch.arange(len(known))
        numbers = [int(self._table[i]) for i in (frame.start, frame.end, frame.padding)]
        before = tuple(int(self._table[i]) for i in frame.before)
        self.frame = Frame(before, *numbers)
        self.given = frame

    @classmethod
    def of(cls, texts: Iterable[Sequence[int]], vocabulary: int, frame: Frame) -> Self:
        """The pieces of some texts, each given as ids without the frame."""
        seen: Counter[int] = Counter()
        texts = list(texts)
        for ids in texts:
            seen.update(ids)
        special = {*frame.before, frame.start, frame.end, frame.padding}
        known = sorted(special | set(seen))
        seen[frame.end] += len(texts)
        counts = torch.tensor([float(seen[piece]) for piece in known] + [0.0])
        return cls(torch.tensor(known), vocabulary, frame, counts)

    def __len__(self) -> int:
        return len(self.known) + 1

    @property
    def other(self) -> int:
        """The number of *any other*."""
        return len(self.known)

    @property
    def left_out(self) -> int:
        """How many of the tokenizer's pieces *any other* stands for."""
        return self.vocabulary - len(self.known)

    @property
    def share_nats(self) -> float:
        """What a piece that was left out costs beyond *any other*, nats."""
        return math.log(max(self.left_out, 1))

    def numbers(self, ids: Tensor) -> Tensor:
        """From the tokenizer's ids to numbers, int64 of the same shape."""
        # The table follows the ids, which are the processor's first and then the device's.
        self._table = self._table.to(ids.device)
        return self._table[ids]

    def ids(self, numbers: Sequence[int], unknown: int) -> list[int]:
        """From numbers back to the tokenizer's ids, with `unknown` for *any other*."""
        return [int(self.known[n]) if n < self.other else unknown for n in numbers]

    def log_frequencies(self) -> Tensor:
        """Logarithm of each piece's share of the training texts, smoothed, float32 [len]."""
        smoothed = self.counts + 0.5
        return (smoothed / smoothed.sum()).log()


def piece_ids(tokenizer: Any, texts: Sequence[str], max_pieces: int) -> list[list[int]]:
    """The tokenizer's ids of each text, without special ones, cut to `max_pieces`.

    A corpus' `<unk>` becomes the tokenizer's own unknown piece.
    """
    if not texts:
        return []
    unknown = tokenizer.unk_token
    if unknown is not None:
        texts = [text.replace(UNKNOWN_WORD, unknown) for text in texts]
    encoded = tokenizer(
        list(texts), add_special_tokens=False, truncation=True, max_length=max_pieces
    )
    return [list(ids) for ids in encoded["input_ids"]]

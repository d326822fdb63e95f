"""From texts to token ids to pooled vectors, in batches of like length."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from data.errors import UserError
from harness.encoders.backbones import Backbone
from harness.encoders.hidden_state_cache import PrefixCache, cache_is_bypassed, entry_key
from harness.encoders.layer_cut import layers_of, states_before
from harness.encoders.precision import autocast, compute_dtype
from harness.encoders.split_batches import ran_out
from harness.system.logs import warn

BATCH_TEXTS = 64
PART_TEXTS = 16
"""Texts that are padded to one length where a batch is cut."""

WORTHWHILE = 0.9
"""A batch is cut, or packed, where this share of its positions, or less, is left."""

CPU = torch.device("cpu")


@dataclass(frozen=True)
class Tokens:
    """Token ids of n texts, without padding.

    `ids`: n int64 tensors, special tokens included; they stay on the processor. `padding`: the id
    that fills a batch. `device`: where batches go.
    """

    ids: tuple[Tensor, ...]
    padding: int
    device: torch.device = CPU

    def __len__(self) -> int:
        return len(self.ids)

    def batch(self, index: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        """Ids and attention mask, int64 [len(index), longest of these texts]."""
        picked = [self.ids[i] for i in index]
        ids = torch.nn.utils.rnn.pad_sequence(picked, batch_first=True, padding_value=self.padding)
        lengths = torch.tensor([len(p) for p in picked])
        mask = (torch.arange(ids.shape[1])[None, :] < lengths[:, None]).long()
        return ids.to(self.device), mask.to(self.device)

    def batches_by_length(self, size: int = BATCH_TEXTS) -> list[NDArray[np.int64]]:
        """Positions of all texts in batches of like length, the longest first."""
        order = np.argsort([-len(ids) for ids in self.ids], kind="stable")
        return [order[start : start + size] for start in range(0, len(order), size)]


def tokenise(backbone: Backbone, texts: Sequence[str], max_tokens: int) -> Tokens:
    """Token ids of the texts, each cut to `max_tokens` with its special tokens kept.

    Batches of them go where the backbone lies.
    """
    if not texts:
        return Tokens((), 0)
    made = _ids.__wrapped__ if cache_is_bypassed() else _ids
    padding = backbone.tokenizer.pad_token_id or 0
    return Tokens(made(backbone.tokenizer, tuple(texts), max_tokens), padding, backbone.device)


# Each aspect, probe and trial of a process asks for the same texts; it takes as long as a probe.
@lru_cache(maxsize=16)
def _ids(tokenizer: Any, texts: tuple[str, ...], max_tokens: int) -> tuple[Tensor, ...]:
    encoded = tokenizer(list(texts), truncation=True, max_length=max_tokens)
    # Tokenizers without special tokens make nothing of an empty text.
    empty = [tokenizer.eos_token_id or tokenizer.pad_token_id or 0]
    return tuple(torch.tensor(text or empty) for text in encoded["input_ids"])


def kept_positions(length: int, share: float, random: np.random.Generator) -> NDArray[np.int64]:
    """A random share of the token positions of a batch, ascending, the first always among them.

    Training on some of the tokens keeps small cells from being learned by heart, and is faster.
    """
    others = random.permutation(length - 1)[: max(round(share * length) - 1, 0)] + 1
    return np.sort(np.append(others, 0)).astype(np.int64)


def length_parts(mask: Tensor) -> list[tuple[Tensor, int]]:
    """A batch cut into texts of like length, with less padding.

    A batch that is padded little stays whole: many small products are slower than a large one.

    `mask`: [b, t], 1 for a token and 0 for the padding behind a text. Gives pairs of positions,
    int64 [part of b], and how many columns the texts there need.
    """
    lengths = mask.sum(1)
    parts = torch.split(lengths.argsort(stable=True), PART_TEXTS)
    cut = [(part, int(lengths[part[-1]])) for part in parts]
    if len(cut) == 1 or sum(len(part) * n for part, n in cut) > WORTHWHILE * mask.numel():
        return [(torch.arange(len(lengths), device=mask.device), mask.shape[1])]
    return cut


def in_order(parts: Sequence[Tensor], positions: Sequence[Tensor]) -> Tensor:
    """[b, ...]: rows of the parts of a batch, each put back to its position."""
    # Together the positions are a permutation; sorting them undoes it.
    return torch.cat(list(parts))[torch.cat(list(positions)).argsort()]


def mean_pool(hidden: Tensor, mask: Tensor) -> Tensor:
    """Mean of the token vectors that are not padding.

    `hidden`: [texts, tokens, width], any float type. `mask`: [texts, tokens], 1 for a token and 0
    for padding. Gives float32 [texts, width].
    """
    weights = mask.to(hidden.dtype).unsqueeze(-1)
    return (hidden * weights).sum(1, dtype=torch.float32) / mask.sum(1, keepdim=True).clamp(min=1)


def mean_vectors(
    backbone: Backbone, texts: Sequence[str], max_tokens: int, left_out: int = 0
) -> NDArray[np.float32]:
    """float32 [n, width]: means of the frozen encoder's last token vectors.

    `max_tokens`: texts are cut to this many tokens. `left_out`: how many of the last layers take no
    part; with all of them these are embeddings. UserError where the encoder has fewer layers.
    """
    first = _lowest_left_out(backbone, left_out) if left_out else None
    tokens = tokenise(backbone, texts, max_tokens)

    def forward(index: NDArray[np.int64]) -> Tensor:
        ids, mask = tokens.batch(index)
        with autocast():
            if first is not None:
                return mean_pool(states_before(first, backbone.model, ids, mask), mask)
            hidden = backbone.model(input_ids=ids, attention_mask=mask)
        return mean_pool(hidden.last_hidden_state, mask)

    return encode_batches(tokens, backbone.width, forward)


def _lowest_left_out(backbone: Backbone, left_out: int) -> nn.Module:
    layers = layers_of(backbone.model)
    if not 0 < left_out <= len(layers):
        raise UserError(f"{backbone.name} has {len(layers)} layers; leave out 0 to {len(layers)}")
    return layers[len(layers) - left_out]


def frozen_vectors(
    backbone: Backbone, texts: Sequence[str], max_tokens: int, left_out: int = 0
) -> NDArray[np.float32]:
    """The same of a backbone as it was loaded, kept on disk: most methods start from them.

    Not to be changed.
    """
    ids = tokenise(backbone, texts, max_tokens).ids
    made_on = f"{backbone.device.type} {compute_dtype()}"
    name = f"mean vectors less {left_out} layers" if left_out else "mean vectors"
    found = PrefixCache().made(
        entry_key(backbone.weights_hash, name, ids, made_on),
        (len(texts), backbone.width),
        lambda: torch.from_numpy(mean_vectors(backbone, texts, max_tokens, left_out)),
    )
    return np.asarray(found)


def encode_batches(
    tokens: Tokens, width: int, forward: Callable[[NDArray[np.int64]], Tensor]
) -> NDArray[np.float32]:
    """Run `forward` over batches of like length and put the rows back in order.

    `tokens`: n texts. `width`: width of what `forward` returns. `forward`: from the positions of a
    batch to its vectors, [len(positions), width]. Gives float32 [n, width].
    """
    out = np.zeros((len(tokens), width), dtype=np.float32)
    with torch.inference_mode():
        for index in tokens.batches_by_length():
            for part, vectors in _in_pieces(index, forward):
                out[part] = vectors.float().cpu().numpy()
    return out


def _in_pieces(
    index: NDArray[np.int64], forward: Callable[[NDArray[np.int64]], Tensor]
) -> Iterator[tuple[NDArray[np.int64], Tensor]]:
    """Positions with their vectors; halves of halves where memory runs out."""
    try:
        vectors = forward(index)
    except RuntimeError as error:
        if not ran_out(error) or len(index) == 1:
            raise
    else:
        yield index, vectors
        return
    warn("out of memory, texts are encoded in smaller batches", texts=len(index) // 2)
    for part in np.array_split(index, 2):
        yield from _in_pieces(part, forward)

"""A transformer cut in two: a prefix that is run once a text, and a suffix that is trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from data.errors import UserError
from harness.encoders.architectures import drop_layers
from harness.encoders.backbones import Backbone
from harness.encoders.encoding import (
    WORTHWHILE,
    Tokens,
    in_order,
    kept_positions,
    length_parts,
    mean_pool,
    tokenise,
)
from harness.encoders.hidden_state_cache import PrefixCache, cache_is_bypassed, entry_key
from harness.encoders.layer_cut import layers_of, starting_from, states_before
from harness.encoders.precision import compute_dtype
from harness.encoders.sequence_packing import Packing, can_pack
from harness.encoders.split_batches import SplitBatches

if TYPE_CHECKING:
    from transformers import PreTrainedModel

KEPT_BYTES = 8 << 30
"""Of the states that stay in the memory of a card."""

WITHOUT_POSITIONS = frozenset(
    {"albert", "bert", "camembert", "distilbert", "electra", "roberta", "xlm-roberta"}
)
"""Families whose layers know no positions, so that tokens may be left out between others."""


@dataclass(frozen=True)
class PrefixBatch:
    """What the suffix starts from: token ids and mask, int64 [b, t], and states [b, t, width].

    Where texts share rows the mask is one that is added to attention's scores, [b, 1, t, t].
    """

    ids: Tensor
    mask: Tensor
    states: Tensor

    def part(self, rows: slice) -> PrefixBatch:
        """Some of the texts, as they stand."""
        return PrefixBatch(self.ids[rows], self.mask[rows], self.states[rows])

    def at(self, positions: NDArray[np.int64]) -> PrefixBatch:
        """The same texts with these token positions alone."""
        picked = torch.from_numpy(positions).to(self.ids.device)
        return PrefixBatch(self.ids[:, picked], self.mask[:, picked], self.states[:, picked])

    def packed(self, packing: Packing) -> PrefixBatch:
        """The same texts in rows that they share."""
        states = packing.pack(self.states)
        return PrefixBatch(packing.pack(self.ids), packing.attention_mask(states.dtype), states)

    def prepared(self) -> PrefixBatch:
        """The same texts with a mask that is added to attention's scores."""
        columns, dtype = self.mask.shape[1], self.states.dtype
        added = self.states.new_zeros((len(self.mask), 1, 1, columns))
        added = added.masked_fill(self.mask[:, None, None] == 0, torch.finfo(dtype).min)
        return PrefixBatch(self.ids, added.expand(-1, 1, columns, -1), self.states)

    def buckets(self) -> list[tuple[Tensor, PrefixBatch]]:
        """Where texts of like length stand, as `encoding.length_parts` has it, and these texts."""
        parts = length_parts(self.mask)
        if len(parts) == 1:
            return [(parts[0][0], self)]
        return [
            (part, PrefixBatch(self.ids[part, :n], self.mask[part, :n], self.states[part, :n]))
            for part, n in parts
        ]


@dataclass(frozen=True)
class Prefixes:
    """Hidden states below the cut for n texts, without padding, where the backbone lies.

    Attributes
    ----------
    states : [tokens of all texts, width], in the type that `harness.encoders.precision` chooses; on
        the processor they are mapped from disk where they are kept there.
    ids : int64 [tokens of all texts].
    starts : int64 [n + 1], text i owns rows starts[i] to starts[i + 1].
    tokens : the texts they belong to.
    """

    states: Tensor
    ids: Tensor
    starts: Tensor
    tokens: Tokens

    def longest(self, index: NDArray[np.int64] | Tensor) -> int:
        """How many tokens the longest of the texts at these positions has."""
        return max(len(self.tokens.ids[i]) for i in index.tolist())

    def batch(
        self, index: NDArray[np.int64] | Tensor, columns: Tensor | None = None
    ) -> PrefixBatch:
        """The texts at these positions, padded; nothing moves where both lie on the device.

        Parameters
        ----------
        index : int64 [b].
        columns : int64 [t], the token positions to take; by default all of the longest text.
        """
        device = self.states.device
        if columns is None:
            columns = torch.arange(self.longest(index)).to(device)
        where = torch.as_tensor(index).to(device)
        tokens = self.starts[where, None] + columns
        padding = tokens >= self.starts[where + 1, None]
        tokens = tokens.masked_fill(padding, 0)
        ids = self.ids[tokens].masked_fill(padding, self.tokens.padding)
        states = self.states[tokens].masked_fill(padding[..., None], 0)
        return PrefixBatch(ids, (~padding).long(), states)


class SplitEncoder:
    """A private copy of a backbone, cut below layer `first`.

    The prefix stops behind its last layer, the suffix starts from stored states in place of its
    first layer's input (`harness.encoders.layer_cut`).

    `backbone`: left as it is. `first`: position of the first layer of the suffix; 0 leaves the
    embeddings as prefix.
    """

    def __init__(self, backbone: Backbone, first: int) -> None:
        self.backbone = backbone
        self.first = first
        self.split_batches = SplitBatches()
        self.suffix = _in_compute_dtype(backbone)
        stack = layers_of(self.suffix)
        if not 0 <= first < len(stack):
            raise UserError(f"the first trained layer must be 0 to {len(stack) - 1}, not {first}")
        self.layers = nn.ModuleList(list(stack)[first:])
        self._prefix = _in_compute_dtype(backbone)
        self._cut = layers_of(self._prefix)[first]
        del layers_of(self._prefix)[first + 1 :]
        drop_layers(self.suffix, stack, first)

    def prefixes(self, texts: Sequence[str], max_tokens: int) -> Prefixes:
        """Hidden states below the cut, each text cut to `max_tokens`; kept on disk for later.

        On a card those that were used last stay in its memory, for the trials that follow.
        """
        device = self.backbone.device
        if device.type == "cpu" or cache_is_bypassed():
            return self._made(texts, max_tokens)
        kept, key = self.backbone.prefixes, (self.first, max_tokens, compute_dtype(), tuple(texts))
        kept[key] = kept.pop(key, None) or self._made(texts, max_tokens)
        while len(kept) > 1 and sum(each.states.nbytes for each in kept.values()) > KEPT_BYTES:
            del kept[next(iter(kept))]
        found: Prefixes = kept[key]
        return found

    def _made(self, texts: Sequence[str], max_tokens: int) -> Prefixes:
        tokens, device = tokenise(self.backbone, texts, max_tokens), self.backbone.device
        starts = torch.tensor([0, *map(len, tokens.ids)]).cumsum(0)
        made_on = f"{self.backbone.device.type} {compute_dtype()}"
        key = entry_key(self.backbone.weights_hash, self.first, tokens.ids, made_on)
        states = PrefixCache().made(
            key, (int(starts[-1]), self.backbone.width), lambda: self._computed(tokens, starts)
        )
        ids = torch.cat([*tokens.ids, starts[:0]])
        return Prefixes(states.to(device), ids.to(device), starts.to(device), tokens)

    def _computed(self, tokens: Tokens, starts: Tensor) -> Tensor:
        states = torch.empty(int(starts[-1]), self.backbone.width, dtype=compute_dtype())
        with torch.no_grad():
            for index in tokens.batches_by_length():
                ids, mask = tokens.batch(index)
                hidden = states_before(self._cut, self._prefix, ids, mask).cpu()
                for row, i in enumerate(index):
                    states[starts[i] : starts[i + 1]] = hidden[row, : starts[i + 1] - starts[i]]
        return states

    def seen_positions(
        self, length: int, share: float, random: np.random.Generator
    ) -> NDArray[np.int64]:
        """The token positions that a training step sees: `encoding.kept_positions` of this share.

        All of them where layers know how far apart tokens stand, or the family is not known: what
        is left would stand nearer to each other than it does in use.
        """
        free = self.suffix.config.model_type in WITHOUT_POSITIONS
        return kept_positions(length, share if free else 1.0, random)

    def run(self, batch: PrefixBatch) -> Tensor:
        """The suffix: last hidden states [b, t, width], in the type of the prefixes."""
        with starting_from(batch.states, self.layers[0]):
            hidden: Tensor = self.suffix(
                input_ids=batch.ids, attention_mask=batch.mask
            ).last_hidden_state
        return hidden

    def pooled(self, batch: PrefixBatch) -> Tensor:
        """float32 [b, width]: means of the last token vectors, computed with little padding."""
        return self.split_batches.rows(len(batch.ids), lambda rows: self._pooled(batch.part(rows)))

    def _pooled(self, batch: PrefixBatch) -> Tensor:
        if batch.states.device.type != "cpu":
            # On a card launches cost more than padding, and whatever is fetched stops it: lengths,
            # or whether a mask is full, which the library asks unless masks are made for it.
            given = batch.prepared() if can_pack(self.suffix) else batch
            return mean_pool(self.run(given), batch.mask)
        if not can_pack(self.suffix):
            parts = batch.buckets()
            vectors = [mean_pool(self.run(part), part.mask) for _, part in parts]
            return in_order(vectors, [where for where, _ in parts])
        packing = Packing.of(batch.mask)
        if packing.positions > WORTHWHILE * batch.mask.numel():
            return mean_pool(self.run(batch), batch.mask)
        hidden = packing.unpack(self.run(batch.packed(packing)), batch.mask.shape)
        return mean_pool(hidden, batch.mask)


def _in_compute_dtype(backbone: Backbone) -> PreTrainedModel:
    model = backbone.copy_model()
    nn.Module.to(model, compute_dtype())
    return model

"""Pretrained transformers as a pair: T5, and an encoder-decoder warm-started from an encoder."""

from __future__ import annotations

import copy
from abc import abstractmethod
from typing import Any

import torch
from torch import Tensor, nn
from transformers import DynamicCache, EncoderDecoderCache

from baselines.text_vae.injection import Injected, Injection, Shape
from baselines.text_vae.pair import Pair, TiedOutput
from baselines.text_vae.pieces import Frame, Pieces
from baselines.text_vae.settings import Pooling, TextVaeSettings
from data.errors import UserError
from harness.encoders.backbones import Backbone
from harness.encoders.encoding import mean_pool
from harness.encoders.precision import autocast

ENCODER_FAMILIES = ("bert", "roberta", "xlm-roberta")
"""Model types from whose encoder an encoder-decoder can be warm-started."""


JOINED = "encoder-decoder"
"""Model type of two encoders of BERT's type that were joined and trained as one (Rothe et al.)."""


def is_t5(backbone: Backbone) -> bool:
    """Whether the backbone is a T5 with its decoder."""
    return backbone.whole is not None and backbone.whole.config.model_type in ("t5", "mt5")


def frame_of(backbone: Backbone) -> Frame:
    """What the family puts around a text.

    UserError where the family is neither T5's nor one of `ENCODER_FAMILIES`.
    """
    config, tokenizer = backbone.model.config, backbone.tokenizer
    if is_t5(backbone):
        return Frame((), config.decoder_start_token_id, config.eos_token_id, config.pad_token_id)
    if config.model_type in ENCODER_FAMILIES and (
        backbone.whole is None or backbone.whole.config.model_type == JOINED
    ):
        opening, closing = tokenizer.cls_token_id, tokenizer.sep_token_id
        return Frame((opening,), opening, closing, tokenizer.pad_token_id)
    raise UserError(
        f"the backbone {backbone.name!r} is of the family {config.model_type!r}; a text VAE takes "
        f"t5 or an encoder of the families {', '.join(ENCODER_FAMILIES)}"
    )


def transformer_pair(
    backbone: Backbone,
    pieces: Pieces,
    settings: TextVaeSettings,
    latent: int,
    *,
    conditional: bool = False,
) -> TransformerPair:
    """The pair of a backbone; new weights are drawn by torch's generator.

    `settings`: layers that are kept, pooling, how the latent enters, dropout. `latent`: its size; 0
    leaves encoder and latent out. `conditional`: cross-attention reads a context, and no latent
    enters.
    """
    family = T5Pair if is_t5(backbone) else WarmStartedPair
    return family(backbone, pieces, settings, latent, conditional=conditional)


class TransformerPair(Pair):
    """What both families share: one embedding for input and output, and the latent's entry."""

    def __init__(
        self,
        backbone: Backbone,
        pieces: Pieces,
        settings: TextVaeSettings,
        latent: int,
        *,
        conditional: bool = False,
    ) -> None:
        super().__init__()
        self._pooling, self._latent = settings.pooling, latent
        width = backbone.width
        self.width = width
        self.embedding = _restricted(backbone.model.get_input_embeddings(), pieces)
        # T5 scales its embeddings down where they serve the output; BERT's are small already.
        self.output = TiedOutput(pieces, width**-0.5 if is_t5(backbone) else 1.0)
        crossed = conditional or (settings.injection == "cross" and latent > 0)
        encoder, decoder, shape = self._stacks(backbone, settings, crossed=crossed)
        parts = {"stack": decoder}
        if latent:
            way, scrambled = settings.injection, settings.latents_scrambled
            parts["injection"] = Injection(latent, shape, way, scrambled=scrambled)
        self.reader = encoder if latent or conditional else nn.Module()
        self.writer = nn.ModuleDict(parts)

    @abstractmethod
    def _stacks(
        self, backbone: Backbone, settings: TextVaeSettings, *, crossed: bool
    ) -> tuple[nn.Module, nn.Module, Shape]:
        """Copies of encoder and decoder without embeddings of pieces, and the decoder's shape.

        `crossed` says whether the decoder has cross-attention.
        """

    @abstractmethod
    def _encode(self, vectors: Tensor, mask: Tensor) -> Tensor:
        """The encoder's last states, [texts, pieces, width]."""

    @abstractmethod
    def _decode(self, vectors: Tensor, mask: Tensor, injected: Injected) -> Tensor:
        """The decoder's last states, [texts, pieces, width]."""

    def states(self, ids: Tensor, mask: Tensor) -> Tensor:
        """The encoder's last states, float32 [texts, pieces, width]."""
        with autocast():
            return self._encode(self.embedding(ids), mask).float()

    def read(self, ids: Tensor, mask: Tensor, pooled: Tensor | None = None) -> Tensor:
        states = self.states(ids, mask)
        return pool(states, mask if pooled is None else pooled, self._pooling)

    def write_after(self, states: Tensor, there: Tensor, given: Tensor, mask: Tensor) -> Tensor:
        """As `write`, of a conditional pair: what follows a context's states.

        `states`, `there`: [texts, pieces, width] and 1 for a piece of the context, int64.
        """
        with autocast():
            return self._decode(self.embedding(given), mask, Injected(states=states, there=there))

    def write(self, latents: Tensor | None, given: Tensor, mask: Tensor) -> Tensor:
        injected = Injected() if latents is None else self.writer["injection"](latents)
        vectors = self.embedding(given)
        if injected.added is not None:
            vectors = vectors + injected.added
        if injected.memory is not None:
            mask = torch.cat([mask.new_ones(len(mask), 1), mask], dim=1)
        with autocast():
            return self._decode(vectors, mask, injected)

    def entries(self) -> list[nn.Module]:
        return [self.writer["injection"]] if self._latent else []


class WarmStartedPair(TransformerPair):
    """Encoder and decoder warm-started from one encoder's checkpoint (Rothe et al. 2020).

    The decoder has its own copy of the checkpoint's layers under a causal mask; cross-attention,
    where there is any, is new. A checkpoint of two that were joined already gives both sides, and
    cross-attention too.
    """

    def _stacks(
        self, backbone: Backbone, settings: TextVaeSettings, *, crossed: bool
    ) -> tuple[nn.Module, nn.Module, Shape]:
        config = copy.deepcopy(backbone.model.config)
        self._first_position = 0 if config.model_type == "bert" else config.pad_token_id + 1
        for name in ("hidden_dropout_prob", "attention_probs_dropout_prob"):
            setattr(config, name, settings.dropout)
        family: Any = type(backbone.model)
        joined: Any = backbone.whole
        reading = backbone.model.state_dict()
        writing = reading if joined is None else joined.decoder.base_model.state_dict()
        stacks = []
        for layers, decoder, weights in (
            (settings.encoder_layers, False, reading),
            (settings.decoder_layers, True, writing),
        ):
            own = copy.deepcopy(config)
            own.num_hidden_layers = min(layers or own.num_hidden_layers, own.num_hidden_layers)
            own.is_decoder = decoder
            own.add_cross_attention = decoder and crossed
            own.use_cache = False
            stack = family(own, add_pooling_layer=False)
            stack.load_state_dict(weights, strict=False)
            stack.set_input_embeddings(nn.Identity())
            stacks.append(stack.float().train())
        heads, width = config.num_attention_heads, config.hidden_size
        shape = Shape(stacks[1].config.num_hidden_layers, heads, width // heads, width)
        return stacks[0], stacks[1], shape

    def _encode(self, vectors: Tensor, mask: Tensor) -> Tensor:
        states: Tensor = self.reader(
            inputs_embeds=vectors, attention_mask=mask, position_ids=self._positions(vectors)
        ).last_hidden_state
        return states

    def _decode(self, vectors: Tensor, mask: Tensor, injected: Injected) -> Tensor:
        states: Tensor = self.writer["stack"](
            inputs_embeds=vectors,
            attention_mask=mask,
            # The slot of memory takes no position.
            position_ids=self._positions(vectors),
            encoder_hidden_states=injected.states,
            encoder_attention_mask=injected.there,
            past_key_values=None if injected.memory is None else _filled(injected.memory),
        ).last_hidden_state
        return states

    def _positions(self, vectors: Tensor) -> Tensor:
        places = torch.arange(vectors.shape[1], device=vectors.device)
        return places[None, :] + self._first_position


class T5Pair(TransformerPair):
    """A pretrained T5; its cross-attention is left out unless the latent enters through it."""

    def _stacks(
        self, backbone: Backbone, settings: TextVaeSettings, *, crossed: bool
    ) -> tuple[nn.Module, nn.Module, Shape]:
        model: Any = copy.deepcopy(backbone.whole)
        for stack, layers in (
            (model.encoder, settings.encoder_layers),
            (model.decoder, settings.decoder_layers),
        ):
            stack.block = stack.block[: layers or len(stack.block)]
            stack.set_input_embeddings(nn.Identity())
            for module in stack.modules():
                if isinstance(module, nn.Dropout):
                    module.p = settings.dropout
                if isinstance(getattr(module, "dropout", None), float):
                    module.dropout = settings.dropout
            stack.train().requires_grad_(True)
        if not crossed:
            for block in model.decoder.block:
                block.layer = nn.ModuleList([block.layer[0], block.layer[-1]])
        config = model.config
        shape = Shape(len(model.decoder.block), config.num_heads, config.d_kv, config.d_model)
        return model.encoder, model.decoder, shape

    def _encode(self, vectors: Tensor, mask: Tensor) -> Tensor:
        states: Tensor = self.reader(inputs_embeds=vectors, attention_mask=mask).last_hidden_state
        return states

    def _decode(self, vectors: Tensor, mask: Tensor, injected: Injected) -> Tensor:
        cache = None
        if injected.memory is not None:
            cache = EncoderDecoderCache(_filled(injected.memory), DynamicCache())
        states: Tensor = self.writer["stack"](
            inputs_embeds=vectors,
            attention_mask=mask,
            encoder_hidden_states=injected.states,
            encoder_attention_mask=injected.there,
            past_key_values=cache,
            use_cache=False,
        ).last_hidden_state
        return states


def _filled(memory: Tensor) -> DynamicCache:
    """A cache with one slot a layer, key and value alike, from [layers, texts, heads, 1, width]."""
    cache = DynamicCache()
    for layer, slot in enumerate(memory):
        cache.update(slot, slot, layer)
    return cache


def _restricted(embedding: nn.Module, pieces: Pieces) -> nn.Embedding:
    """The rows of the known pieces, and for *any other* the mean of those left out."""
    weights = embedding.weight
    assert isinstance(weights, Tensor)
    weights = weights.detach().float()
    known = pieces.known.to(weights.device)
    left = torch.ones(len(weights), dtype=torch.bool, device=weights.device)
    left[known] = False
    other = weights[left].mean(0) if left.any() else weights.mean(0)
    rows = torch.cat([weights[known], other[None]])
    kept = nn.Embedding(*rows.shape)
    kept.weight = nn.Parameter(rows.clone())
    return kept


def pool(states: Tensor, mask: Tensor, how: Pooling) -> Tensor:
    """One vector a text, [texts, width]; padding takes no part.

    Parameters
    ----------
    states : float32 [texts, pieces, width].
    mask : [texts, pieces], 1 for a piece and 0 for padding.
    how : mean or largest value of each number over the pieces, or the first piece's state.
    """
    if how == "first":
        return states[:, 0]
    if how == "max":
        return states.masked_fill(mask[..., None] == 0, float("-inf")).amax(1)
    return mean_pool(states, mask)

"""The conditional text VAE: p(z|x) and q(z|x, y) read by attention, p(y|x, z) by a decoder."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.gaussian import Gaussian
from baselines.response_vae.settings import ResponseVaeSettings
from baselines.text_vae.model import greedy
from baselines.text_vae.pieces import Pieces
from baselines.text_vae.sequences import Batch
from baselines.text_vae.transformer import TransformerPair
from harness.encoders.encoding import length_parts

PRIOR_UNITS = 256
HEADS = 8


@dataclass(frozen=True)
class States:
    """What the encoder made of contexts or responses.

    `states`: float32 [texts, pieces, width]. `there`: int64 [texts, pieces], 1 for a piece.
    """

    states: Tensor
    there: Tensor

    def beside(self, other: States) -> States:
        """The pieces of both, text by text."""
        states = torch.cat([self.states, other.states], dim=1)
        return States(states, torch.cat([self.there, other.there], dim=1))


@dataclass(frozen=True)
class Decoded:
    """Decoder states at the n pieces of the responses, before a latent enters.

    `states`: [n, width]. `targets`, `rows`: int64 [n], the pieces to predict and whose they are.
    `texts`: number of responses.
    """

    states: Tensor
    targets: Tensor
    rows: Tensor
    texts: int


class ResponseModel(nn.Module):
    """p(y|x, z), p(z|x) and q(z|x, y) around a conditional pair.

    One learned query attends over the states of the context for the prior, and over those of
    context and response for the posterior. The latent enters behind the decoder, beside each of its
    states, so that K draws cost K output layers and one decoder.
    """

    def __init__(
        self, pair: TransformerPair, pieces: Pieces, settings: ResponseVaeSettings
    ) -> None:
        super().__init__()
        width, size = pair.width, settings.latent_size
        self.pair, self.pieces, self.size = pair, pieces, size
        heads = next(h for h in range(min(HEADS, width), 0, -1) if width % h == 0)
        self.query = nn.Parameter(torch.randn(1, 1, width) * width**-0.5)
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.prior_head = nn.Sequential(
            nn.Linear(width, PRIOR_UNITS), nn.Tanh(), nn.Linear(PRIOR_UNITS, 2 * size, bias=False)
        )
        self.posterior_head = nn.Linear(width, 2 * size, bias=False)
        self.join_state, self.join_latent = nn.Linear(width, width), nn.Linear(size, width)
        self.join_output = nn.Linear(width, width)
        self.bag = nn.Linear(size + width, width) if settings.bag_of_words else None

    def entries(self) -> list[nn.Parameter]:
        """The parameters that read the latent, or take it into the decoder."""
        own = {id(p) for p in self.pair.parameters()}
        return [p for p in self.parameters() if id(p) not in own]

    def read(self, batch: Batch) -> States:
        """Contexts or responses, those of like length together: batches have one of both alike."""
        ids, mask = batch.ids, batch.mask
        # On a card lengths would have to be fetched, and launches cost more than padding.
        parts = length_parts(mask) if mask.device.type == "cpu" else []
        if len(parts) < 2:
            return States(self.pair.states(ids, mask), mask)
        read = [(rows, n, self.pair.states(ids[rows, :n], mask[rows, :n])) for rows, n in parts]
        states = read[0][2].new_zeros(*mask.shape, self.pair.width)
        for rows, n, own in read:
            states[rows, :n] = own
        return States(states, mask)

    def prior(self, context: States) -> Gaussian:
        """p(z|x)."""
        return _gaussian(self.prior_head(self._attended(context)))

    def posterior(self, context: States, response: States) -> Gaussian:
        """q(z|x, y)."""
        return _gaussian(self.posterior_head(self._attended(context.beside(response))))

    def _attended(self, read: States) -> Tensor:
        query = self.query.expand(len(read.states), -1, -1)
        absent = read.there == 0
        found, _ = self.attention(
            query, read.states, read.states, key_padding_mask=absent, need_weights=False
        )
        return found[:, 0].float()  # type: ignore[no-any-return]

    def decoded(self, context: States, response: Batch) -> Decoded:
        """The decoder's states of the responses; no latent takes part."""
        states = self.pair.write_after(
            context.states, context.there, response.given, response.there
        )
        there = response.there.bool()
        rows = torch.arange(len(response), device=there.device)[:, None].expand_as(there)[there]
        return Decoded(states[there].float(), response.targets[there], rows, len(response))

    def nats(self, decoded: Decoded, latents: Tensor) -> Tensor:
        """-log p(y|x, z), float32 [texts], of latents [texts, size]."""
        logits = self.pair.logits(self._joined(decoded.states, latents[decoded.rows]))
        each = F.cross_entropy(logits, decoded.targets, reduction="none")
        each = each + self.pieces.share_nats * (decoded.targets == self.pieces.other)
        return each.new_zeros(decoded.texts).index_add(0, decoded.rows, each)

    def _joined(self, states: Tensor, latents: Tensor) -> Tensor:
        """Each state changed by a layer that reads it beside its latent, [n, width]."""
        joined: Tensor = states + self.join_output(
            F.gelu(self.join_state(states) + self.join_latent(latents))
        )
        return joined

    def bag_nats(self, decoded: Decoded, context: States, latents: Tensor) -> Tensor:
        """-log p of each response's distinct pieces, from latent and context, [texts], nats."""
        assert self.bag is not None
        joined = torch.cat([latents, self._attended(context)], dim=1)
        logs = self.pair.logits(self.bag(joined)).log_softmax(1)
        distinct = torch.zeros_like(logs, dtype=torch.bool)
        distinct[decoded.rows, decoded.targets] = True
        return -(logs * distinct).sum(1)

    @torch.inference_mode()
    def greedy(self, context: States, latents: Tensor, longest: int) -> list[list[int]]:
        """What the function `greedy` gives for contexts and latents [texts, size]."""

        def following(given: Tensor) -> Tensor:
            states = self.pair.write_after(
                context.states, context.there, given, torch.ones_like(given)
            )
            return self.pair.logits(self._joined(states[:, -1].float(), latents))

        return greedy(following, self.pieces.frame, len(latents), longest, latents.device)


def _gaussian(numbers: Tensor) -> Gaussian:
    mean, log_variance = numbers.chunk(2, dim=1)
    return Gaussian(mean, log_variance)

"""How the autoencoder learns from pairs of paraphrases (Chen et al. 2019, sections 3 and 4).

For a pair of paraphrases x0, x1 it minimises, all in nats,

    l_rec L_rec + l_y KL_y + l_z KL_z + l_prl PRL + l_dpl DPL + l_wpl WPL

L_rec reconstructs a sentence from its own latents, PRL from its syntactic and the other's semantic
latent (both are the mean cross-entropy of the pieces); KL_z is that of
`baselines.gaussian`; DPL draws the semantic means of paraphrases together and separates others; WPL
predicts the position of each word from the syntactic latent.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from baselines.drlst.training import descend
from baselines.drlst.vocabulary import Vocabulary
from baselines.vgvae.model import Autoencoder, VgvaeSettings
from baselines.vgvae.sphere import draw, kl_from_uniform
from data.rows import IntArray
from harness.encoders.encoding import Tokens
from harness.system.progress import Progress
from harness.training.batches import shuffled
from harness.training.steps import backpropagated

Terms = dict[str, Tensor]


def train(
    model: Autoencoder,
    vocabulary: Vocabulary,
    tokens: Tokens,
    held_out: Tokens,
    settings: VgvaeSettings,
    *,
    seed: int,
    progress: Progress,
) -> None:
    """Minimise the weighted sum of all terms in place.

    Draws come from torch's generator, the order of pairs from `seed`.

    Parameters
    ----------
    tokens : of the first sentence of n pairs, then of the second.
    held_out : of validation pairs.
    """
    order = shuffled(len(tokens) // 2, np.random.default_rng(seed))

    def loss(of: Tokens, pairs: IntArray) -> Tensor:
        return weighted(terms(model, vocabulary, of, pairs, settings), settings)

    descend(
        model,
        torch.optim.Adam(model.parameters(), lr=settings.rate, fused=True),
        settings,
        lambda: np.array([next(order) for _ in range(settings.batch_pairs)], dtype=np.int64),
        lambda step, pairs: backpropagated(loss(tokens, pairs)),
        lambda: float(loss(held_out, np.arange(len(held_out) // 2, dtype=np.int64))),
        progress=progress,
    )


def terms(
    model: Autoencoder,
    vocabulary: Vocabulary,
    tokens: Tokens,
    pairs: IntArray,
    settings: VgvaeSettings,
) -> Terms:
    """Each term of the objective that weighs anything, a scalar by the name of its weight.

    `tokens`: as in `train`. `pairs`: int64 [pairs], of which of them.
    """
    half = len(tokens) // 2
    ids, mask = tokens.batch(np.concatenate([pairs, pairs + half]))
    cut = settings.target_tokens
    indices, there = vocabulary.index(ids[:, :cut]), mask[:, :cut]
    posterior = model.posterior(ids, mask)
    semantic = draw(posterior.direction, posterior.concentration)
    syntactic = posterior.syntactic.sample()
    size = settings.semantic_size
    found: Terms = {}

    def predicted(meaning: Tensor) -> Tensor:
        latents = torch.cat([meaning, syntactic], dim=1)
        return F.cross_entropy(*model.written(latents, indices, there))

    if settings.reconstruction:
        found["reconstruction"] = predicted(semantic)
    if settings.semantic_kl:
        found["semantic_kl"] = kl_from_uniform(posterior.concentration, size).mean()
    if settings.syntactic_kl:
        found["syntactic_kl"] = posterior.syntactic.kl().sum(1).mean()
    if settings.paraphrase:
        # Each sentence from the meaning of the other one of its pair.
        found["paraphrase"] = predicted(semantic.roll(len(pairs), dims=0))
    if settings.discriminative:
        first, second = posterior.direction.chunk(2)
        found["discriminative"] = discriminative_loss(first, second, margin=settings.margin)
    if settings.position:
        found["position"] = position_loss(model.places(ids, syntactic), mask)
    return found


def weighted(found: Terms, settings: VgvaeSettings) -> Tensor:
    """The sum of terms under their weights, a scalar."""
    return torch.stack([vars(settings)[name] * term for name, term in found.items()]).sum()


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

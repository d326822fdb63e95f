"""How the autoencoder learns from pairs of paraphrases."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from baselines.drlst.training import descend
from baselines.drlst.vocabulary import Vocabulary
from baselines.vgvae.losses import discriminative_loss, position_loss
from baselines.vgvae.model import Autoencoder, VgvaeSettings
from baselines.vgvae.sphere import draw, kl_from_uniform
from data.rows import IntArray
from harness.encoders.encoding import Tokens
from harness.system.progress import Progress
from harness.training.batches import shuffled

Terms = dict[str, Tensor]


class Trainer:
    """Minimises the weighted sum of all terms over pairs.

    `tokens`: of the first sentence of n pairs, then of the second.
    """

    def __init__(
        self, model: Autoencoder, vocabulary: Vocabulary, tokens: Tokens, settings: VgvaeSettings
    ) -> None:
        self._model, self._vocabulary, self._tokens = model, vocabulary, tokens
        self._settings = settings

    def train(self, held_out: Tokens, *, seed: int, progress: Progress) -> None:
        """Train in place; draws come from torch's generator, the order of pairs from `seed`.

        `held_out`: of validation pairs.
        """
        settings, model = self._settings, self._model
        optimiser = torch.optim.Adam(model.parameters(), lr=settings.rate, fused=True)
        order = shuffled(len(self._tokens) // 2, np.random.default_rng(seed))
        watched = Trainer(model, self._vocabulary, held_out, settings)

        def draw() -> IntArray:
            return np.array([next(order) for _ in range(settings.batch_pairs)], dtype=np.int64)

        def backward(step: int, pairs: IntArray) -> float:
            loss = self.loss(self.terms(pairs))
            loss.backward()  # type: ignore[no-untyped-call]
            return float(loss.item())

        def held_out_loss() -> float:
            every = np.arange(len(held_out) // 2, dtype=np.int64)
            return float(watched.loss(watched.terms(every)))

        descend(model, optimiser, settings, draw, backward, held_out_loss, progress=progress)

    def loss(self, terms: Terms) -> Tensor:
        """The weighted sum; a term that weighs nothing is not there."""
        weights = vars(self._settings)
        return torch.stack([weights[name] * term for name, term in terms.items()]).sum()

    def terms(self, pairs: IntArray) -> Terms:
        """Each term of the objective that weighs anything, a scalar by the name of its weight.

        `pairs`: int64 [pairs].
        """
        model, settings = self._model, self._settings
        half = len(self._tokens) // 2
        ids, mask = self._tokens.batch(np.concatenate([pairs, pairs + half]))
        cut = settings.target_tokens
        indices, there = self._vocabulary.index(ids[:, :cut]), mask[:, :cut]
        posterior = model.posterior(ids, mask)
        semantic = draw(posterior.direction, posterior.concentration)
        syntactic = posterior.syntactic.sample()
        size = settings.semantic_size
        terms: Terms = {}

        def predicted(meaning: Tensor) -> Tensor:
            latents = torch.cat([meaning, syntactic], dim=1)
            return F.cross_entropy(*model.written(latents, indices, there))

        if settings.reconstruction:
            terms["reconstruction"] = predicted(semantic)
        if settings.semantic_kl:
            terms["semantic_kl"] = kl_from_uniform(posterior.concentration, size).mean()
        if settings.syntactic_kl:
            terms["syntactic_kl"] = posterior.syntactic.kl().sum(1).mean()
        if settings.paraphrase:
            # Each sentence from the meaning of the other one of its pair.
            terms["paraphrase"] = predicted(semantic.roll(len(pairs), dims=0))
        if settings.discriminative:
            first, second = posterior.direction.chunk(2)
            terms["discriminative"] = discriminative_loss(first, second, margin=settings.margin)
        if settings.position:
            terms["position"] = position_loss(model.places(ids, syntactic), mask)
        return terms

"""Likelihoods of texts under a model with a latent, and how much of them is owed to the latent."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np

from harness.evaluation.text.latents import FloatArray, Posterior
from harness.evaluation.text.model import LatentModel

CHUNK = 5
"""Samples that are held at once: what is needed does not grow with their number."""


@dataclass(frozen=True)
class Elbo:
    """The two parts of the negative evidence lower bound of n texts, [n], nats.

    `reconstruction` is -E log p(x|z) over draws from q(z|x), and `kl` that of q(z|x) from the prior
    in closed form.
    """

    reconstruction: FloatArray
    kl: FloatArray

    @property
    def negative(self) -> FloatArray:
        """Their sum, [n], nats."""
        return self.reconstruction + self.kl


def elbo(
    model: LatentModel, texts: Sequence[Any], posterior: Posterior, *, draws: int, seed: int
) -> Elbo:
    """The bound with the mean of so many draws of each text's posterior."""
    random = np.random.default_rng([seed, 1])
    latents = np.stack([posterior.sample(random) for _ in range(draws)])
    return Elbo(-model.log_likelihood(texts, latents).mean(0), posterior.kl(model.prior).sum(1))


def importance_weighted(
    model: LatentModel, texts: Sequence[Any], posterior: Posterior, *, samples: int, seed: int
) -> FloatArray:
    """-log p(x), estimated from above (Burda et al. 2016, eq. 8), [n], nats.

    `-log 1/K sum_k p(x|z_k) p(z_k) / q(z_k|x)` with z_k from q(z|x). The sum runs along with the
    draws, so memory is that of `CHUNK` of them, whatever their number. Where z has no more than
    `samples` values, it is the sum of p(x|z) p(z) over all of them, and exact.
    """
    random, prior = np.random.default_rng([seed, 2]), model.prior
    states = posterior.states(samples)
    count = samples if states is None else len(states)
    total = np.full(len(texts), -np.inf)
    for start in range(0, count, CHUNK):
        size = min(CHUNK, count - start)
        if states is None:
            latents = np.stack([posterior.sample(random) for _ in range(size)])
        else:
            latents = np.repeat(states[start : start + size, None], len(texts), axis=1)
        likelihoods = model.log_likelihood(texts, latents)
        for drawn, likelihood in zip(latents, likelihoods, strict=True):
            weight = prior.log_density(drawn)
            if states is None:
                weight = weight - posterior.log_density(drawn)
            total = np.logaddexp(total, likelihood + weight)
    return (log(samples) if states is None else 0.0) - total


def latent_use(
    model: LatentModel, texts: Sequence[Any], posterior: Posterior, *, draws: int, seed: int
) -> FloatArray:
    """The rise in -log p(x|z) when latents are permuted across the texts, [n], nats.

    No text keeps its own latent. A decoder that ignores the latent gives 0, whatever the KL or the
    number of active units. The same draws stand on both sides. ValueError for fewer than two texts.
    """
    if len(texts) < 2:
        raise ValueError("latents of one text cannot be permuted")
    random = np.random.default_rng([seed, 3])
    rise = np.zeros(len(texts))
    for _ in range(draws):
        own = posterior.sample(random)
        # One cycle through all texts in random order: nobody keeps their own.
        order = random.permutation(len(texts))
        source = np.empty(len(texts), dtype=np.int64)
        source[order] = np.roll(order, 1)
        with_own, with_other = model.log_likelihood(texts, np.stack([own, own[source]]))
        rise += with_own - with_other
    return rise / draws


def words(texts: Sequence[str]) -> int:
    """Words of the texts by white space, each text's end counted as one."""
    return sum(len(text.split()) + 1 for text in texts)

"""What the latent holds: mutual information with the text, and units that vary with it."""

from math import log

import numpy as np

from harness.evaluation.text.latents import FloatArray, Posterior

BLOCK = 256
"""Latents whose densities under all posteriors are held at once."""

MOST_STATES = 4096
"""Values of z over which the mutual information is summed instead of drawn."""


def mutual_information(posterior: Posterior, *, draws: int, seed: int) -> float:
    """I(x; z) under q with the aggregate posterior of all n texts, nats; it cannot exceed log n.

    `E_x E_q(z|x) [log q(z|x) - log 1/n sum_m q(z|x_m)]` (Hoffman and Johnson 2016), the mean over
    draws of each text; exact where z has no more than `MOST_STATES` values.
    """
    if (states := posterior.states(MOST_STATES)) is not None:
        logs = posterior.log_densities(states)
        gain = logs - (_log_sum(logs) - log(len(posterior)))[:, None]
        return max(float((np.exp(logs) * gain).sum(0).mean()), 0.0)
    random = np.random.default_rng([seed, 4])
    total = 0.0
    for _ in range(draws):
        latents = posterior.sample(random)
        own = posterior.log_density(latents)
        total += float((own - _aggregate(posterior, latents)).mean())
    # The estimate of a latent that tells nothing scatters around 0.
    return max(total / draws, 0.0)


def active_units(posterior: Posterior, level: float) -> int:
    """Variables with Var_x(E[z_i|x]) above a level (Burda et al. 2016, section 5.2).

    The variance of a variable with finitely many values is the sum over its probabilities.
    """
    variances = posterior.mean.var(0, ddof=1)
    starts = np.cumsum([0, *posterior.blocks[:-1]])
    return int((np.add.reduceat(variances, starts) > level).sum())


def _aggregate(posterior: Posterior, latents: FloatArray) -> FloatArray:
    """log 1/n sum_m q(z|x_m) of each latent, [latents]."""
    found = np.empty(len(latents))
    for start in range(0, len(latents), BLOCK):
        logs = posterior.log_densities(latents[start : start + BLOCK])
        found[start : start + BLOCK] = _log_sum(logs)
    return found - log(len(posterior))


def _log_sum(logs: FloatArray) -> FloatArray:
    """log sum exp over the texts, the last axis."""
    top = logs.max(1)
    return np.asarray(top + np.log(np.exp(logs - top[:, None]).sum(1)))

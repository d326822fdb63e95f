"""What the latent holds: mutual information with the text, and units that vary with it."""

from __future__ import annotations

from math import log

import numpy as np

from harness.evaluation.text.model import LOG_TAU, FloatArray, Posterior

BLOCK = 256
"""Latents whose densities under all posteriors are held at once."""


def mutual_information(posterior: Posterior, *, draws: int, seed: int) -> float:
    """I(x; z) under q with the aggregate posterior of all n texts, nats; it cannot exceed log n.

    `E_x E_q(z|x) [log q(z|x) - log 1/n sum_m q(z|x_m)]` (Hoffman and Johnson 2016), the mean over
    draws of each text.
    """
    random = np.random.default_rng([seed, 4])
    total = 0.0
    for _ in range(draws):
        latents = posterior.sample(random)
        own = posterior.log_density(latents)
        total += float((own - _aggregate(posterior, latents)).mean())
    # The estimate of a latent that tells nothing scatters around 0.
    return max(total / draws, 0.0)


def active_units(posterior: Posterior, level: float) -> int:
    """Dimensions with Var_x(E[z_i|x]) above a level (Burda et al. 2016, section 5.2)."""
    return int((posterior.mean.var(0, ddof=1) > level).sum())


def _aggregate(posterior: Posterior, latents: FloatArray) -> FloatArray:
    """log 1/n sum_m q(z|x_m) of each latent, [latents]."""
    precision = np.exp(-posterior.log_variance)
    constant = -0.5 * (posterior.log_variance + LOG_TAU).sum(1)
    weighted = posterior.mean * precision
    constant = constant - 0.5 * (posterior.mean * weighted).sum(1)
    found = np.empty(len(latents))
    for start in range(0, len(latents), BLOCK):
        block = latents[start : start + BLOCK]
        logs = block @ weighted.T - 0.5 * (block**2) @ precision.T + constant
        top = logs.max(1)
        found[start : start + BLOCK] = top + np.log(np.exp(logs - top[:, None]).sum(1))
    return found - log(len(posterior))

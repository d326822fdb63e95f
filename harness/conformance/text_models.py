"""What every model of texts must do, beside `harness.conformance.checks`."""

from dataclasses import dataclass

import numpy as np

from data.texts import TextTask
from harness.conformance import checks
from harness.conformance.checks import require
from harness.evaluation.text.latents import FloatArray
from harness.evaluation.text.model import LanguageModel

CLOSE = 1e-3
"""Nats by which a text's likelihood may differ with the texts beside it: sums of other lengths."""


@dataclass(frozen=True)
class TextBench(checks.Bench):
    """What the checks run on."""

    kind = "language"
    training: TextTask

    def answers(self, fitted: LanguageModel) -> list[FloatArray]:
        return [self.likelihood(fitted, self.texts)]

    def likelihood(self, model: LanguageModel, texts: tuple[str, ...]) -> FloatArray:
        """log p(x|z) with z at the means of the posteriors, [n]."""
        latents = model.posterior(texts).mean[None] if model.latent_size else None
        first: FloatArray = model.log_likelihood(texts, latents)[0]
        return first


def check_likelihood(model: type[LanguageModel], bench: TextBench) -> None:
    """float64 [samples, n], finite, at most 0, and a text's own whatever stands beside it."""
    fitted, texts = bench.fitted(model), bench.texts
    whole = bench.likelihood(fitted, texts)
    require(whole.shape == (len(texts),), f"log_likelihood gives {whole.shape}")
    require(whole.dtype == np.float64, f"log_likelihood gives {whole.dtype}")
    require(bool(np.isfinite(whole).all() and (whole <= 0).all()), "a likelihood is above 1")
    turned = bench.likelihood(fitted, texts[::-1])[::-1]
    _near(whole, turned, "log_likelihood depends on the order of the texts")
    one = bench.likelihood(fitted, texts[3:4])
    _near(whole[3:4], one, "log_likelihood depends on the other texts")


def check_latent(model: type[LanguageModel], bench: TextBench) -> None:
    """Posteriors of the latent's size, one text for each latent, and samples in their order."""
    fitted, texts = bench.fitted(model), bench.texts
    if not fitted.latent_size:
        return
    posterior = fitted.posterior(texts)
    shape = (len(texts), fitted.latent_size)
    require(posterior.mean.shape == shape == (len(texts), sum(posterior.blocks)), "mean's shape")
    kl = posterior.kl(fitted.prior)
    require(kl.shape == (len(texts), len(posterior.blocks)), "the KL is not of each variable")
    require(bool((kl > -CLOSE).all()), "a KL is negative")
    random = np.random.default_rng(0)
    latents = np.stack([posterior.sample(random) for _ in range(2)])
    both = fitted.log_likelihood(texts, latents)
    _near(both[1], fitted.log_likelihood(texts, latents[1:])[0], "samples are mixed up")
    require(len(fitted.decode(posterior.mean)) == len(texts), "decode leaves texts out")
    require(len(fitted.normalised(texts)) == len(texts), "normalised leaves texts out")


def _near(first: FloatArray, second: FloatArray, otherwise: str) -> None:
    require(bool(np.abs(first - second).max(initial=0) < CLOSE), otherwise)

"""What every model of responses must do, beside `harness.conformance.checks`."""

from dataclasses import dataclass

import numpy as np

from data.responses import Reply, ResponseTask
from harness.conformance import checks
from harness.conformance.checks import require
from harness.conformance.text_models import CLOSE
from harness.evaluation.text.latents import FloatArray
from harness.evaluation.text.responses import ResponseModel


@dataclass(frozen=True)
class ResponseBench(checks.Bench):
    """What the checks run on; `texts` are the contexts of `replies`."""

    kind = "responses"
    training: ResponseTask
    replies: tuple[Reply, ...] = ()

    def answers(self, fitted: ResponseModel) -> list[FloatArray]:
        return [likelihood(fitted, self.replies)]


def likelihood(model: ResponseModel, replies: tuple[Reply, ...]) -> FloatArray:
    """log p(y|x, z) with z at the means of the posteriors, [n]."""
    first: FloatArray = model.log_likelihood(replies, model.posterior(replies).mean[None])[0]
    return first


def check_responses(model: type[ResponseModel], bench: ResponseBench) -> None:
    """Finite log-likelihoods of at most 0, each response's own; one response for each context."""
    fitted, replies = bench.fitted(model), bench.replies
    whole = likelihood(fitted, replies)
    require(whole.shape == (len(replies),), f"log_likelihood gives {whole.shape}")
    require(bool(np.isfinite(whole).all() and (whole <= 0).all()), "a likelihood is above 1")
    turned = likelihood(fitted, replies[::-1])[::-1]
    near = bool(np.abs(whole - turned).max(initial=0) < CLOSE)
    require(near, "log_likelihood depends on the order of the responses")
    latents = np.zeros((len(bench.texts), fitted.latent_size))
    written = fitted.respond(bench.texts, latents)
    require(len(written) == len(bench.texts), "respond leaves contexts out")
    backwards = fitted.respond(bench.texts[::-1], latents)[::-1]
    require(written == backwards, "respond depends on the order of the contexts")
    normalised = fitted.normalised(bench.texts)
    require(len(normalised) == len(bench.texts), "normalised leaves texts out")
    again = fitted.normalised(normalised)
    require(normalised == again, "normalised changes a text that it gave itself")

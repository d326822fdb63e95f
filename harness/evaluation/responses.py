"""What is measured on a model of responses: likelihoods, use of the latent, and what it writes.

Likelihoods are in nats a response, its end included. They are estimated with the evaluation's own
draws and importance weights, whatever loss a model was trained with: the best of K draws is no
bound.
"""

import time
from math import exp

import numpy as np

from data.responses import Contexts, ResponseDraw
from harness.contract.scores import Score
from harness.evaluation.evaluation import Evaluation, check_count, cost_scores
from harness.evaluation.text.likelihood import elbo, importance_weighted, latent_use, words
from harness.evaluation.text.responses import (
    ResponseModel,
    corpus_bleu,
    distinct,
    precision_and_recall,
    written,
)
from harness.store.base64_arrays import pack_codes
from harness.system.progress import Progress

ELBO_DRAWS = 2
WEIGHTED_SAMPLES = 50
USE_DRAWS = 2

SAMPLES = 5
"""Responses written to each context."""


def check(draw: ResponseDraw) -> None:
    """Refuse fewer than ten evaluation contexts with a UserError."""
    check_count(draw, "contexts", 10)


def evaluate(
    method: ResponseModel, draw: ResponseDraw, *, seed: int, pictures: bool, progress: Progress
) -> Evaluation:
    """Measure a model that was fitted on `draw.training`; `seed` is of all draws of latents.

    Likelihoods are of each context's first reference. `pictures` has no meaning for texts.
    """
    started = time.perf_counter()
    known = draw.evaluation
    firsts = known.firsts()
    posterior = method.posterior(firsts)
    bound = elbo(method, firsts, posterior, draws=ELBO_DRAWS, seed=seed)
    progress(1, 4)
    nats = importance_weighted(method, firsts, posterior, samples=WEIGHTED_SAMPLES, seed=seed)
    progress(2, 4)
    use = latent_use(method, firsts, posterior, draws=USE_DRAWS, seed=seed)
    progress(3, 4)
    responses = written(method, known.texts, samples=SAMPLES, seed=seed)
    as_written = tuple(tuple(method.normalised(each)) for each in known.references)
    references = Contexts(known.texts, as_written)
    precision, recall = precision_and_recall(responses, references)
    counted = words([reply.response for reply in firsts])
    scores = [
        Score("negative_elbo", float(bound.negative.mean())),
        Score("reconstruction", float(bound.reconstruction.mean())),
        Score("kl", float(bound.kl.mean())),
        Score("iw_nll", float(nats.mean())),
        Score("iw_nll_standard_error", float(np.std(nats)) / len(nats) ** 0.5),
        Score("word_perplexity", exp(float(nats.sum()) / counted)),
        Score("latent_use", float(use.mean())),
        Score("latent_size", float(method.latent_size)),
        Score("bleu", corpus_bleu([first for first, *_ in responses], references)),
        Score("response_precision", precision),
        Score("response_recall", recall),
        Score("distinct_1", distinct(responses, 1)),
        Score("distinct_2", distinct(responses, 2)),
        Score("response_words", _mean_words(responses)),
        Score("references", float(np.mean([len(each) for each in known.references]))),
    ]
    progress(4, 4)
    parts = {"train": draw.training.train, "valid": draw.training.valid, "evaluation": known}
    return Evaluation(
        scores=(*scores, *cost_scores(method, seconds=time.perf_counter() - started)),
        counts={part: {"contexts": len(contexts)} for part, contexts in parts.items()},
        cells=pack_codes(np.zeros(len(known), dtype=np.int64)),
    )


def _mean_words(responses: list[list[str]]) -> float:
    return float(np.mean([len(text.split()) for samples in responses for text in samples]))

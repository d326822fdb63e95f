"""What is measured on a model of texts: likelihoods, what its latent holds, and reconstruction.

Likelihoods are in nats a text, its end included, so that they do not depend on how a model cuts it.
"""

import time
from collections.abc import Callable
from math import exp, log

import numpy as np

from data.texts import TextDraw
from harness.contract.scores import Score
from harness.encoders.backbones import Backbone
from harness.evaluation.evaluation import Evaluation, check_count, cost_scores
from harness.evaluation.text.decoding import smoothness, variety
from harness.evaluation.text.information import active_units, mutual_information
from harness.evaluation.text.latents import Posterior
from harness.evaluation.text.likelihood import elbo, importance_weighted, latent_use, words
from harness.evaluation.text.model import LanguageModel
from harness.evaluation.text.samples import own_texts, rebuilt
from harness.evaluation.text.sparsity import label_scores, sparsity_scores
from harness.evaluation.text.transfer import attribute_scores, judge
from harness.store.base64_arrays import pack_codes
from harness.system.progress import Progress

ELBO_DRAWS = 2
"""Draws from each text's posterior for the reconstruction; the KL is exact."""

WEIGHTED_TEXTS = 200
"""Texts on which the gap between bound and importance-weighted likelihood is measured: it varies
far less from text to text than either, so the gap of a few serves all."""

WEIGHTED_SAMPLES = 100

USE_DRAWS = 2
INFORMATION_DRAWS = 8

REBUILT_TEXTS = 100


def check(draw: TextDraw) -> None:
    """Refuse fewer than ten evaluation texts with a UserError."""
    check_count(draw, "texts", 10)


def evaluate(
    method: LanguageModel,
    draw: TextDraw,
    *,
    seed: int,
    pictures: bool,
    progress: Progress,
    backbone: Backbone | None = None,
    fluency: Callable[[Progress], LanguageModel] | None = None,
) -> Evaluation:
    """Measure a model that was fitted on `draw.training`; `seed` is of all draws of latents.

    `backbone` compares texts that are decoded; without it the decoder's side is left out.
    `fluency` gives a language model that reads those whose label is changed. `pictures` has no
    meaning for texts.
    """
    # Its first fit takes longer than what is measured, and belongs to no trial.
    reader = fluency(progress) if fluency and draw.labels and method.latent_size else None
    started = time.perf_counter()
    texts = draw.evaluation
    written: dict[str, tuple[str, ...]] = {}
    if method.latent_size:
        posterior = method.posterior(texts)
        scores = _with_latent(method, texts, posterior, seed, progress)
        scores += sparsity_scores(posterior, seed=seed)
        scores += label_scores(posterior, draw.labels, draw.groups, seed=seed)
        if backbone is not None:
            scores += _decoded(method, draw, posterior, backbone, seed, reader)
        known = (*draw.training.train, *draw.training.valid, *texts)
        written = own_texts(method, known, seed=seed)
    else:
        nats = -method.log_likelihood(texts, None)[0]
        scores = _likelihood_scores(texts, float(nats.mean()), float(np.std(nats)))
        progress(1, 1)
    sizes = {
        "train": len(draw.training.train),
        "valid": len(draw.training.valid),
        "evaluation": len(texts),
    }
    return Evaluation(
        scores=(*scores, *cost_scores(method, seconds=time.perf_counter() - started)),
        counts={part: {"texts": count} for part, count in sizes.items()},
        cells=pack_codes(np.zeros(len(texts), dtype=np.int64)),
        texts=written,
    )


def _with_latent(
    method: LanguageModel,
    texts: tuple[str, ...],
    posterior: Posterior,
    seed: int,
    progress: Progress,
) -> list[Score]:
    steps = 4
    bound = elbo(method, texts, posterior, draws=ELBO_DRAWS, seed=seed)
    progress(1, steps)
    gap = _gap(method, texts, posterior, seed)
    progress(2, steps)
    use = latent_use(method, texts, posterior, draws=USE_DRAWS, seed=seed)
    progress(3, steps)
    exact, bleu = rebuilt(method, texts[:REBUILT_TEXTS])
    progress(4, steps)
    nats = bound.negative - gap
    return [
        Score("negative_elbo", float(bound.negative.mean())),
        Score("reconstruction", float(bound.reconstruction.mean())),
        Score("kl", float(bound.kl.mean())),
        *_likelihood_scores(texts, float(nats.mean()), float(np.std(nats))),
        Score(
            "mutual_information", mutual_information(posterior, draws=INFORMATION_DRAWS, seed=seed)
        ),
        Score("mutual_information_cap", log(len(texts))),
        Score("active_units_01", float(active_units(posterior, 0.01))),
        Score("active_units_20", float(active_units(posterior, 0.2))),
        Score("latent_size", float(method.latent_size)),
        Score("latent_use", float(use.mean())),
        Score("exact_match", exact),
        Score("bleu", bleu),
    ]


def _decoded(
    method: LanguageModel,
    draw: TextDraw,
    posterior: Posterior,
    backbone: Backbone,
    seed: int,
    reader: LanguageModel | None,
) -> list[Score]:
    judges = {name: judge(draw.training.train, own) for name, own in draw.train_labels.items()}
    return [
        variety(method, seed=seed),
        *smoothness(method, posterior, backbone, seed=seed),
        *attribute_scores(
            method,
            draw.evaluation,
            posterior,
            draw.labels,
            judges,
            draw.groups,
            seed=seed,
            reader=reader,
        ),
    ]


def _gap(method: LanguageModel, texts: tuple[str, ...], posterior: Posterior, seed: int) -> float:
    """Mean of bound minus importance-weighted likelihood over the first texts, nats."""
    few = texts[:WEIGHTED_TEXTS]
    own = posterior.take(np.arange(len(few)))
    bound = elbo(method, few, own, draws=ELBO_DRAWS, seed=seed).negative
    weighted = importance_weighted(method, few, own, samples=WEIGHTED_SAMPLES, seed=seed)
    return float((bound - weighted).mean())


def _likelihood_scores(texts: tuple[str, ...], nats: float, spread: float) -> list[Score]:
    """The likelihood in nats a text and, from it, the perplexity of a word."""
    per_word = nats * len(texts) / words(texts)
    return [
        Score("iw_nll", nats),
        # Of the mean over evaluation texts: what one draw of them leaves open.
        Score("iw_nll_standard_error", spread / len(texts) ** 0.5),
        Score("word_perplexity", exp(per_word)),
        Score("words_per_text", words(texts) / len(texts)),
    ]

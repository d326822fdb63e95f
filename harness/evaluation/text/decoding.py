"""What a decoder makes of latents: consistency, transfer, variety, and smooth lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp
from typing import Any

import numpy as np

from data.rows import IntArray
from harness.contract.scores import Score
from harness.encoders.backbones import Backbone
from harness.encoders.encoding import frozen_vectors
from harness.evaluation.text.latents import FloatArray, Posterior
from harness.evaluation.text.likelihood import words
from harness.evaluation.text.model import LanguageModel
from harness.evaluation.text.reconstruction import on_line, prior_samples

DRAWS = 100
"""Texts drawn from the prior, of which self-BLEU is the mean over all."""

LINES, STEPS = 20, 7
"""Pairs of texts, and even steps from one to the other, both ends included."""

TRANSFERRED = 100
"""Texts whose attribute is changed, in choosing how and in measuring."""

SWAPPED = (1, 4, 16)
"""Numbers of variables that may be taken from a text of the other class."""

MAX_TOKENS = 64


@dataclass(frozen=True)
class Transferred:
    """Texts whose class was changed.

    Attributes
    ----------
    written, sources : after it and before.
    accuracy : share that the judge takes for the class they were changed to.
    bleu : to the sources, 0 to 100.
    """

    written: list[str]
    sources: list[str]
    accuracy: float
    bleu: float


def variety(model: LanguageModel, *, seed: int) -> Score:
    """`self_bleu`: BLEU of each draw of the prior against all others, 0 to 100, their mean.

    100 where all draws are one text (Zhu et al. 2018).
    """
    from sacrebleu.metrics.bleu import BLEU

    texts, score = prior_samples(model, DRAWS, seed=seed), BLEU(effective_order=True)
    each = [
        score.sentence_score(text, [*texts[:place], *texts[place + 1 :]]).score
        for place, text in enumerate(texts)
    ]
    return Score("self_bleu", float(np.mean(each)))


def smoothness(
    model: LanguageModel, posterior: Posterior, backbone: Backbone, *, seed: int
) -> list[Score]:
    """How close neighbours on lines between two texts are, by cosine under the frozen backbone.

    `line_cosine` is the least of each line's neighbours, `line_ends_cosine` that of its two ends,
    both means over lines: equal where a line is one text and then, at once, another.
    """
    random = np.random.default_rng([seed, 8])
    pairs = random.permutation(len(posterior))[: 2 * min(LINES, len(posterior) // 2)].reshape(-1, 2)
    written = [text for pair in pairs for text in on_line(model, posterior.mean[pair], steps=STEPS)]
    vectors = np.asarray(frozen_vectors(backbone, written, MAX_TOKENS), dtype=np.float64)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    lines = vectors.reshape(len(pairs), STEPS, -1)
    neighbours = (lines[:, 1:] * lines[:, :-1]).sum(2)
    ends = (lines[:, 0] * lines[:, -1]).sum(1)
    return [
        Score("line_cosine", float(neighbours.min(1).mean())),
        Score("line_ends_cosine", float(ends.mean())),
    ]


def attribute_scores(
    model: LanguageModel,
    texts: Sequence[str],
    posterior: Posterior,
    labels: Mapping[str, IntArray],
    judges: Mapping[str, Any],
    *,
    seed: int,
    reader: LanguageModel | None = None,
) -> list[Score]:
    """Whether what a latent says of a label is written, and what happens when it is changed.

    One half of the texts fits a probe and chooses which variables are swapped; all that is scored
    is of the other half. For each label:

    - `consistency`: share of texts whose label the probe reads alike from the latent and from that
      of the text that is decoded from it.
    - `transfer_accuracy`: share of texts that a classifier of words takes for another class, after
      the variables that tell most of the label came from a text of that class; and `transfer_bleu`,
      what is left of the source, 0 to 100. `transfer_variables` is how many were swapped.
    - `transfer_perplexity`: a word, of the same texts under `reader`, and `source_perplexity`, of
      the sources.
    - `judge_accuracy`: of that classifier on the texts as they are.

    Parameters
    ----------
    labels : int64 [n] classes by name.
    judges : for each label a fitted classifier of texts, see `judge`.
    reader : a language model without a latent; without one, perplexities are left out.
    """
    random = np.random.default_rng([seed, 9])
    order = random.permutation(len(texts))
    choosing, scored = order[: len(order) // 2], order[len(order) // 2 :]
    scores = []
    for label, codes in labels.items():
        if len(np.unique(codes[choosing])) < 2:
            continue
        shown = scored[:TRANSFERRED]
        agree = _agreement(model, posterior.mean, codes, choosing, shown)
        ranked = _ranked(posterior, codes, choosing)
        tried = {}
        for count in (c for c in SWAPPED if c <= len(ranked)):
            found = _transferred(
                model, texts, posterior, codes, choosing[:TRANSFERRED], ranked[:count], random,
                sources=choosing, judge=judges[label],
            )  # fmt: skip
            tried[count] = found.accuracy * found.bleu
        count = max(tried, key=lambda c: tried[c])
        changed = _transferred(
            model, texts, posterior, codes, shown, ranked[:count], random,
            sources=choosing, judge=judges[label],
        )  # fmt: skip
        told = float((judges[label].predict([texts[i] for i in scored]) == codes[scored]).mean())
        values = {
            "consistency": agree,
            "transfer_accuracy": changed.accuracy,
            "transfer_bleu": changed.bleu,
            "transfer_variables": float(count),
            "judge_accuracy": told,
        }
        if reader is not None:
            values["transfer_perplexity"] = _perplexity(reader, changed.written)
            values["source_perplexity"] = _perplexity(reader, changed.sources)
        scores += [Score(name, value, factor=label) for name, value in values.items()]
    return scores


def judge(texts: Sequence[str], codes: IntArray) -> Any:
    """A classifier of texts by their words and pairs of words, that no model had a part in."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    return make_pipeline(words, LogisticRegression(C=10, max_iter=1000)).fit(list(texts), codes)


def _agreement(
    model: LanguageModel, means: FloatArray, codes: IntArray, fitting: IntArray, shown: IntArray
) -> float:
    from sklearn.linear_model import LogisticRegression

    probe = LogisticRegression(max_iter=1000).fit(means[fitting], codes[fitting])
    back = model.posterior(model.decode(means[shown])).mean
    return float((probe.predict(means[shown]) == probe.predict(back)).mean())


def _ranked(posterior: Posterior, codes: IntArray, fitting: IntArray) -> list[IntArray]:
    """Columns of each variable, those first that tell most of the label by their F statistic."""
    from sklearn.feature_selection import f_classif

    edges = np.cumsum([0, *posterior.blocks])
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.nan_to_num(f_classif(posterior.mean[fitting], codes[fitting])[0])
    columns = [np.arange(*edge) for edge in pairwise(edges)]
    return sorted(columns, key=lambda own: -float(statistic[own].max()))


def _transferred(
    model: LanguageModel,
    texts: Sequence[str],
    posterior: Posterior,
    codes: IntArray,
    shown: IntArray,
    swapped: Sequence[IntArray],
    random: np.random.Generator,
    *,
    sources: IntArray,
    judge: Any,
) -> Transferred:
    """A text gets the columns `swapped` of a random text among `sources` of the next class."""
    from sacrebleu.metrics.bleu import BLEU

    classes = np.unique(codes[sources])
    latents, columns = posterior.mean[shown].copy(), np.concatenate(list(swapped))
    wanted = classes[(np.searchsorted(classes, codes[shown]) + 1) % len(classes)]
    for row, target in enumerate(wanted):
        other = random.choice(sources[codes[sources] == target])
        latents[row, columns] = posterior.mean[other, columns]
    written = model.decode(latents)
    accuracy = float((judge.predict(written) == wanted).mean())
    before = model.normalised([texts[i] for i in shown])
    bleu = float(BLEU(force=True).corpus_score(written, [before]).score)
    return Transferred(written, before, accuracy, bleu)


def _perplexity(reader: LanguageModel, texts: Sequence[str]) -> float:
    """A word, its text's end counted as one."""
    nats = -float(reader.log_likelihood(texts, None)[0].sum())
    return exp(nats / words(texts))

"""Whether what a latent says of a label is written, and what comes of changing it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp
from typing import Any

import numpy as np

from data.rows import IntArray
from harness.contract.scores import Score
from harness.evaluation.text.latents import FloatArray, Posterior
from harness.evaluation.text.likelihood import words
from harness.evaluation.text.model import LanguageModel

TRANSFERRED = 100
"""Texts whose attribute is changed, in choosing how and in measuring."""

SWAPPED = (1, 4, 16)
"""Numbers of variables that may be taken from a text of the other class."""


def attribute_scores(
    model: LanguageModel,
    texts: Sequence[str],
    posterior: Posterior,
    labels: Mapping[str, IntArray],
    judges: Mapping[str, Any],
    groups: IntArray | None = None,
    *,
    seed: int,
    reader: LanguageModel | None = None,
) -> list[Score]:
    """Whether what a latent says of a label is written, and what happens when it is changed.

    One half of the texts fits a probe and chooses which variables are swapped, unless the model
    keeps some for the label; all that is scored is of the other half. The halves share none of the
    `groups`, int64 [n]. For each label:

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
    choosing, scored = halves(len(texts), groups, random)
    scores = []
    for label, codes in labels.items():
        if len(np.unique(codes[choosing])) < 2:
            continue
        swap = _Swap(model, texts, posterior, codes, choosing, judges[label], random)
        choices = list(_choices(model, label, posterior, codes, choosing))
        if len(choices) > 1:
            tried = [swap.changed(choosing[:TRANSFERRED], columns) for _, columns in choices]
            best = int(np.argmax([found.accuracy * found.bleu for found in tried]))
            choices = [choices[best]]
        ((count, columns),) = choices
        shown = scored[:TRANSFERRED]
        changed = swap.changed(shown, columns)
        told = judges[label].predict([texts[i] for i in scored]) == codes[scored]
        values = {
            "consistency": _agreement(model, posterior.mean, codes, choosing, shown),
            "transfer_accuracy": changed.accuracy,
            "transfer_bleu": changed.bleu,
            "transfer_variables": float(count),
            "judge_accuracy": float(told.mean()),
        }
        if reader is not None:
            values["transfer_perplexity"] = _perplexity(reader, changed.written)
            values["source_perplexity"] = _perplexity(reader, changed.sources)
        scores += [Score(name, value, factor=label) for name, value in values.items()]
    return scores


def halves(
    count: int, groups: IntArray | None, random: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Random halves of so many texts; groups stay whole, so that theirs may differ in size."""
    order = random.permutation(count)
    if groups is None:
        return order[: count // 2], order[count // 2 :]
    first = np.isin(groups[order], random.permutation(np.unique(groups))[::2])
    return order[first], order[~first]


def judge(texts: Sequence[str], codes: IntArray) -> Any:
    """A classifier of texts by their words and pairs of words, that no model had a part in."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    vectoriser = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    return make_pipeline(vectoriser, LogisticRegression(C=10, max_iter=1000)).fit(texts, codes)


@dataclass(frozen=True)
class _Changed:
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


@dataclass(frozen=True)
class _Swap:
    """Texts rewritten with columns of their latents from texts of the next class.

    Attributes
    ----------
    posterior, codes : of `texts`, [n].
    donors : positions of the texts that columns are taken from.
    """

    model: LanguageModel
    texts: Sequence[str]
    posterior: Posterior
    codes: IntArray
    donors: IntArray
    judge: Any
    random: np.random.Generator

    def changed(self, shown: IntArray, columns: IntArray) -> _Changed:
        """The texts at these positions, each with the columns of a random donor."""
        from sacrebleu.metrics.bleu import BLEU

        of_donors, mean = self.codes[self.donors], self.posterior.mean
        classes = np.unique(of_donors)
        wanted = classes[(np.searchsorted(classes, self.codes[shown]) + 1) % len(classes)]
        latents = mean[shown].copy()
        for row, target in enumerate(wanted):
            latents[row, columns] = mean[
                self.random.choice(self.donors[of_donors == target]), columns
            ]
        written = self.model.decode(latents)
        accuracy = float((self.judge.predict(written) == wanted).mean())
        sources = self.model.normalised([self.texts[i] for i in shown])
        bleu = float(BLEU(force=True).corpus_score(written, [sources]).score)
        return _Changed(written, sources, accuracy, bleu)


def _choices(
    model: LanguageModel, label: str, posterior: Posterior, codes: IntArray, fitting: IntArray
) -> Iterator[tuple[int, IntArray]]:
    """Numbers of variables with their columns, those first that tell most by their F statistic.

    A model that keeps columns for the label has no choice.
    """
    from sklearn.feature_selection import f_classif

    size = posterior.mean.shape[1]
    if (own := model.columns_of(label)) is not None:
        columns = np.arange(size)[own]
        yield len(columns), columns
        return
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.nan_to_num(f_classif(posterior.mean[fitting], codes[fitting])[0])
    edges = np.cumsum([0, *posterior.blocks])
    ranked = sorted(
        (np.arange(*edge) for edge in pairwise(edges)),
        key=lambda block: -float(statistic[block].max()),
    )
    for count in SWAPPED:
        if count <= len(ranked):
            yield count, np.concatenate(ranked[:count])


def _agreement(
    model: LanguageModel, means: FloatArray, codes: IntArray, fitting: IntArray, shown: IntArray
) -> float:
    from sklearn.linear_model import LogisticRegression

    probe = LogisticRegression(max_iter=1000).fit(means[fitting], codes[fitting])
    back = model.posterior(model.decode(means[shown])).mean
    return float((probe.predict(means[shown]) == probe.predict(back)).mean())


def _perplexity(reader: LanguageModel, texts: Sequence[str]) -> float:
    """A word, its text's end counted as one."""
    nats = -float(reader.log_likelihood(texts, None)[0].sum())
    return exp(nats / words(texts))

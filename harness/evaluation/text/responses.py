"""The contract of a model of responses, and what is measured on the responses that it writes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from data.responses import Contexts, ResponseTask
from harness.evaluation.text.latents import FloatArray
from harness.evaluation.text.model import LatentModel
from harness.system.progress import Progress

if TYPE_CHECKING:
    from harness.encoders.backbones import Backbone


class ResponseModel(LatentModel):
    """A distribution over responses y to a context x, with a latent.

    Latents are given in units of the prior of their context, `(z - prior mean) / prior deviation`,
    in which the prior is the standard Gaussian whatever the context. `posterior` is q(z|x, y), and
    `log_likelihood` log p(y|x, z), of replies.
    """

    kinds: ClassVar[tuple[str, ...]] = ("responses",)

    @abstractmethod
    def fit(self, task: ResponseTask, backbone: Backbone, *, seed: int, progress: Progress) -> Self:
        """Learn from `task.train`, choose on `task.valid`; deterministic under `seed`."""

    @abstractmethod
    def respond(self, contexts: Sequence[str], latents: FloatArray) -> list[str]:
        """The response that greedy decoding gives for each context and latent, [n, size]."""


def written(
    model: ResponseModel, contexts: Sequence[str], *, samples: int, seed: int
) -> list[list[str]]:
    """So many responses to each context, from draws of its prior: n lists."""
    random = np.random.default_rng([seed, 7])
    by_sample = [
        model.respond(contexts, random.standard_normal((len(contexts), model.latent_size)))
        for _ in range(samples)
    ]
    return [list(responses) for responses in zip(*by_sample, strict=True)]


def corpus_bleu(responses: Sequence[str], known: Contexts) -> float:
    """Of one response a context against all of its references, 0 to 100 (sacrebleu).

    Without regard to case, which an uncased encoder cannot write.
    """
    from sacrebleu.metrics.bleu import BLEU

    most = max(map(len, known.references))
    # A context with fewer references than others leaves the rest of its places empty.
    padded = [[*each, *[None] * (most - len(each))] for each in known.references]
    columns: list[list[str | None]] = [list(column) for column in zip(*padded, strict=True)]
    score = BLEU(force=True, lowercase=True).corpus_score(list(responses), columns)  # type: ignore[arg-type]
    return float(score.score)


def precision_and_recall(
    responses: Sequence[Sequence[str]], known: Contexts
) -> tuple[float, float]:
    """Sentence BLEU, 0 to 100, of the best match: over samples, and over references, in any case.

    Precision: mean over a context's samples of the most that any of its references gives. Recall:
    mean over its references of the most that any of its samples gives (best of N).
    """
    from sacrebleu.metrics.bleu import BLEU

    score = BLEU(effective_order=True, lowercase=True)
    precision, recall = [], []
    for samples, references in zip(responses, known.references, strict=True):
        table = np.array(
            [[score.sentence_score(s, [r]).score for r in references] for s in samples]
        )
        precision.append(table.max(1).mean())
        recall.append(table.max(0).mean())
    return float(np.mean(precision)), float(np.mean(recall))


def distinct(responses: Sequence[Sequence[str]], length: int) -> float:
    """Different n-grams over all of all responses, words by white space in any case, 0 to 1."""
    grams = [
        tuple(words[start : start + length])
        for samples in responses
        for words in (text.lower().split() for text in samples)
        for start in range(len(words) - length + 1)
    ]
    return len(set(grams)) / len(grams) if grams else 0.0

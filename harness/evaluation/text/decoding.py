"""What a decoder makes of latents: variety, and smooth lines."""

import numpy as np

from harness.contract.scores import Score
from harness.encoders.backbones import Backbone
from harness.encoders.encoding import frozen_vectors
from harness.evaluation.text.latents import Posterior
from harness.evaluation.text.model import LanguageModel
from harness.evaluation.text.samples import on_line, prior_samples

DRAWS = 100
"""Texts drawn from the prior, of which self-BLEU is the mean over all."""

LINES, STEPS = 20, 7
"""Pairs of texts, and even steps from one to the other, both ends included."""

MAX_TOKENS = 64


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

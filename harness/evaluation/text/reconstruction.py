"""Texts rebuilt from their own latents, and texts between two latents."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from harness.evaluation.text.latents import FloatArray
from harness.evaluation.text.model import LanguageModel


def rebuilt(model: LanguageModel, texts: Sequence[str]) -> tuple[float, float]:
    """How texts come back from the means of their posteriors, against what the tokenizer makes.

    Decoded greedily: the share that comes back word for word, and corpus BLEU from 0 to 100
    (sacrebleu, its own tokenisation).
    """
    from sacrebleu.metrics.bleu import BLEU

    written = model.decode(model.posterior(texts).mean)
    wanted = model.normalised(texts)
    exact = float(np.mean([ours == theirs for ours, theirs in zip(written, wanted, strict=True)]))
    score = BLEU(force=True).corpus_score(written, [wanted])
    return exact, float(score.score)


def between(model: LanguageModel, first: str, last: str, *, steps: int) -> list[str]:
    """Texts at even steps on the line between the means of two texts' posteriors, both ends too."""
    return on_line(model, model.posterior([first, last]).mean, steps=steps)


def on_line(model: LanguageModel, ends: FloatArray, *, steps: int) -> list[str]:
    """Texts at even steps on the line between two latents, [2, size], both ends too."""
    shares = np.linspace(0, 1, steps)[:, None]
    return model.decode((1 - shares) * ends[:1] + shares * ends[1:])


def prior_samples(model: LanguageModel, count: int, *, seed: int) -> list[str]:
    """Texts decoded greedily from draws of the prior."""
    random = np.random.default_rng([seed, 5])
    return model.decode(model.prior.sample(count, random))

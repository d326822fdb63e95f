"""Texts that a model writes: rebuilt from their latents, drawn from the prior, and between two.

A handful of its own show what a latent holds without any text of the corpus, of which none may be
stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from harness.evaluation.text.latents import FloatArray

if TYPE_CHECKING:
    from harness.evaluation.text.model import LanguageModel

SHOWN = 5
"""Texts of each sort."""

DRAWN, REBUILT, LINE = "drawn", "rebuilt", "line"

WITHHELD = "(a text of the corpus)"
"""What stands for a text that the model knows by heart."""


def own_texts(
    model: LanguageModel, known: Sequence[str], *, seed: int
) -> dict[str, tuple[str, ...]]:
    """A handful of texts of each sort, decoded greedily.

    `drawn` from the prior; `rebuilt`, each of these from the mean of its own posterior; and `line`,
    at even steps between two further draws. What repeats one of the texts `known`, those of the
    corpus, word for word is withheld.
    """
    drawn = prior_samples(model, SHOWN, seed=seed)
    ends = model.prior.sample(2, np.random.default_rng([seed, 6]))
    written = {
        DRAWN: drawn,
        REBUILT: model.decode(model.posterior(drawn).mean),
        LINE: on_line(model, ends, steps=SHOWN),
    }
    stored = set(model.normalised(known))
    return {
        sort: tuple(WITHHELD if text in stored else text for text in texts)
        for sort, texts in written.items()
    }


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


def on_line(model: LanguageModel, ends: FloatArray, *, steps: int) -> list[str]:
    """Texts at even steps on the line between two latents, [2, size], both ends too."""
    shares = np.linspace(0, 1, steps)[:, None]
    return model.decode((1 - shares) * ends[:1] + shares * ends[1:])


def prior_samples(model: LanguageModel, count: int, *, seed: int) -> list[str]:
    """Texts decoded greedily from draws of the prior."""
    random = np.random.default_rng([seed, 5])
    return model.decode(model.prior.sample(count, random))

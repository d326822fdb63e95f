"""Texts that a model wrote itself: draws of the prior, the same rebuilt, and a line between two.

They show what a latent holds without any text of the corpus, of which none may be stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from harness.evaluation.text.reconstruction import on_line, prior_samples

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

"""Single sentences of generated film reviews: the embedded corpora `ptb` and `yelp`."""

from __future__ import annotations

import re

import pandas as pd

from data.generator.reviews import movies

REVIEWS_PER_CELL = 150
SHORTEST, LONGEST = 3, 20
"""Words of a sentence that is kept."""

_END = re.compile(r"(?<=[.!?])\s+")


def review_sentences(*, seed: int) -> pd.DataFrame:
    """Distinct sentences with the sentiment of their review.

    Gives columns split (train, valid or test; whole films stay together), sentiment (0 or 1) and
    text.
    """
    frame = movies(REVIEWS_PER_CELL, seed=seed)
    films = {film: number for number, film in enumerate(dict.fromkeys(frame["movie_id"]))}
    rows: dict[str, tuple[str, int]] = {}
    for film, sentiment, text in zip(
        frame["movie_id"], frame["sentiment"], frame["text"], strict=True
    ):
        part = {8: "valid", 9: "test"}.get(films[film] % 10, "train")
        for sentence in _END.split(text):
            if SHORTEST <= len(sentence.split()) <= LONGEST:
                rows.setdefault(sentence, (part, int(sentiment == "pos")))
    return pd.DataFrame(
        [(part, sentiment, text) for text, (part, sentiment) in rows.items()],
        columns=["split", "sentiment", "text"],
    )

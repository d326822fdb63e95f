"""Short sentences of business reviews."""

from __future__ import annotations

import pandas as pd

from data.corpora.source import TEXT, CorpusSource, Rule


class Yelp(CorpusSource):
    """Short sentences of business reviews with sentiment: development and test part."""

    name = "yelp"
    licence = "Yelp Dataset terms: academic use, no redistribution"
    citation = "Shen et al. 2017, Style transfer from non-parallel text by cross-alignment, NeurIPS"
    columns = {
        "sentiment": Rule(int, (0, 1)),
        "text": TEXT,
    }

    def generate(self, seed: int) -> pd.DataFrame:
        """Sentences of generated film reviews with the sentiment of their review."""
        from data.generator.review_sentences import review_sentences

        return review_sentences(seed=seed)[["sentiment", "text"]]

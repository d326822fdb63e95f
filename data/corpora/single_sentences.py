"""Single sentences: of newspapers, the Penn Treebank, and of business reviews, Yelp."""

from __future__ import annotations

import pandas as pd

from data.corpora.source import TEXT, CorpusSource, one_of


class Ptb(CorpusSource):
    """Newspaper sentences of the Penn Treebank, 10,000 words known, others `<unk>`."""

    name = "ptb"
    licence = "Penn Treebank: Linguistic Data Consortium, research use"
    citation = "Marcus et al. 1993; preprocessed as in Mikolov et al. 2010"
    columns = {
        "split": one_of("train", "valid", "test"),
        "text": TEXT,
    }

    def generate(self, seed: int) -> pd.DataFrame:
        """Sentences of generated film reviews."""
        from data.generator.review_sentences import review_sentences

        return review_sentences(seed=seed)[["split", "text"]]


class Yelp(CorpusSource):
    """Short sentences of business reviews with sentiment: development and test part."""

    name = "yelp"
    licence = "Yelp Dataset terms: academic use, no redistribution"
    citation = "Shen et al. 2017, Style transfer from non-parallel text by cross-alignment, NeurIPS"
    columns = {
        "sentiment": one_of(0, 1),
        "text": TEXT,
    }

    def generate(self, seed: int) -> pd.DataFrame:
        """Sentences of generated film reviews with the sentiment of their review."""
        from data.generator.review_sentences import review_sentences

        return review_sentences(seed=seed)[["sentiment", "text"]]

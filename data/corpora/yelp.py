"""Short sentences of business reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from data.corpora.source import CorpusSource, filled

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema


class Yelp(CorpusSource):
    """Short sentences of business reviews with sentiment: development and test part."""

    name = "yelp"
    licence = "Yelp Dataset terms: academic use, no redistribution"
    citation = "Shen et al. 2017, Style transfer from non-parallel text by cross-alignment, NeurIPS"

    def schema(self, source: str) -> DataFrameSchema:
        """Columns sentiment (0 or 1) and text."""
        from pandera.pandas import Check, Column, DataFrameSchema

        return DataFrameSchema(
            {
                "sentiment": Column(int, Check.isin([0, 1])),
                "text": Column(str, filled()),
            }
        )

    def generate(self, seed: int) -> pd.DataFrame:
        """Sentences of generated film reviews with the sentiment of their review."""
        from data.generator.review_sentences import review_sentences

        return review_sentences(seed=seed)[["sentiment", "text"]]

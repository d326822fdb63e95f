"""Newspaper sentences of the Penn Treebank."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from data.corpora.source import CorpusSource, filled

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema


class Ptb(CorpusSource):
    """Newspaper sentences of the Penn Treebank, 10,000 words known, others `<unk>`."""

    name = "ptb"
    licence = "Penn Treebank: Linguistic Data Consortium, research use"
    citation = "Marcus et al. 1993; preprocessed as in Mikolov et al. 2010"

    def schema(self, source: str) -> DataFrameSchema:
        """Columns split and text."""
        from pandera.pandas import Check, Column, DataFrameSchema

        return DataFrameSchema(
            {
                "split": Column(str, Check.isin(["train", "valid", "test"])),
                "text": Column(str, filled()),
            }
        )

    def generate(self, seed: int) -> pd.DataFrame:
        """Sentences of generated film reviews."""
        from data.generator.review_sentences import review_sentences

        return review_sentences(seed=seed)[["split", "text"]]

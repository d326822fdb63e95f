"""Pairs of sentences with a grade of their likeness in meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from data.corpora.source import CorpusSource, filled

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema

EMBEDDED_PAIRS = 360


class Stsb(CorpusSource):
    """Sentence pairs with likeness in meaning from 0 to 5: the STS benchmark."""

    name = "stsb"
    licence = "CC BY-SA 4.0; parts under the terms of their sources"
    citation = "Cer et al. 2017, SemEval-2017 task 1, SemEval"

    def schema(self, source: str) -> DataFrameSchema:
        """Columns split, score, sentence1 and sentence2."""
        from pandera.pandas import Check, Column, DataFrameSchema

        return DataFrameSchema(
            {
                "split": Column(str, Check.isin(["train", "dev", "test"])),
                "score": Column(float, Check.in_range(0, 5)),
                "sentence1": Column(str, filled()),
                "sentence2": Column(str, filled()),
            }
        )

    def generate(self, seed: int) -> pd.DataFrame:
        """Generated pairs: five times the share of content that they have in common."""
        from data.generator import sentences

        frame = sentences.graded_pairs(EMBEDDED_PAIRS, ("train", "dev", "test"), seed=seed)
        return frame.assign(score=5 * frame["shared"]).drop(columns="shared")

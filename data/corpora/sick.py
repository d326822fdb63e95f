"""Pairs of sentences with a grade of their relatedness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from data.corpora.source import CorpusSource, filled

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema

EMBEDDED_PAIRS = 360


class Sick(CorpusSource):
    """Sentence pairs with relatedness from 1 to 5: SICK."""

    name = "sick"
    licence = "CC BY-NC-SA 3.0"
    citation = "Marelli et al. 2014, A SICK cure for compositional distributional models, LREC"

    def schema(self, source: str) -> DataFrameSchema:
        """Columns split, relatedness, sentence1 and sentence2."""
        from pandera.pandas import Check, Column, DataFrameSchema

        return DataFrameSchema(
            {
                "split": Column(str, Check.isin(["train", "trial", "test"])),
                "relatedness": Column(float, Check.in_range(1, 5)),
                "sentence1": Column(str, filled()),
                "sentence2": Column(str, filled()),
            }
        )

    def generate(self, seed: int) -> pd.DataFrame:
        """Generated pairs: one, and four times the share of content that they have in common."""
        from data.generator import sentences

        # Pairs of their own, not those of the other graded corpus.
        frame = sentences.graded_pairs(EMBEDDED_PAIRS, ("train", "trial", "test"), seed=seed + 1)
        return frame.assign(relatedness=1 + 4 * frame["shared"]).drop(columns="shared")

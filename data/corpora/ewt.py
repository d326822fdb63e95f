"""Web text with tags and dependencies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from data.corpora.analysed import WORD_COLUMNS, check_lengths, with_tuples
from data.corpora.source import CorpusSource, filled
from data.corpus import Corpus

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema

EMBEDDED_SENTENCES = 800


class Ewt(CorpusSource):
    """Sentences of web text with Penn Treebank tags: Universal Dependencies English EWT."""

    name = "ewt"
    licence = "CC BY-SA 4.0"
    citation = "Silveira et al. 2014, A gold standard dependency corpus for English, LREC"

    def schema(self, source: str) -> DataFrameSchema:
        """Columns split, sent_id, genre, text, and tuples tokens, xpos, head, deprel."""
        from pandera.pandas import Check, Column, DataFrameSchema

        return DataFrameSchema(
            {
                "split": Column(str, Check.isin(["train", "dev", "test"])),
                "sent_id": Column(str, filled()),
                "genre": Column(str, filled()),
                "text": Column(str, filled()),
                **{name: Column(object) for name in WORD_COLUMNS},
            },
            unique=["split", "sent_id"],
        )

    def prepare(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Word columns as tuples."""
        return with_tuples(frame)

    def local(self, folder: Path) -> Corpus:
        corpus = super().local(folder)
        check_lengths(corpus.frame, f"{self.name}.parquet")
        return corpus

    def generate(self, seed: int) -> pd.DataFrame:
        """Generated sentences with their tags."""
        from data.generator import sentences

        return sentences.tagged(EMBEDDED_SENTENCES, seed=seed)

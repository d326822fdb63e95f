"""Documents of many genres with constituency trees, tags and dependencies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from data.corpora.analysed import WORD_COLUMNS, check_lengths, with_tuples
from data.corpora.source import CorpusSource, filled
from data.corpus import Corpus

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema

EMBEDDED_DOCUMENTS, EMBEDDED_LENGTH = 40, 20


class Gum(CorpusSource):
    """Sentences of documents in many genres with their trees: GUM, without its Reddit part."""

    name = "gum"
    licence = "annotations: CC BY 4.0; texts: terms of their sources, all open"
    citation = "Zeldes 2017, The GUM corpus, Language Resources and Evaluation 51(3)"

    def schema(self, source: str) -> DataFrameSchema:
        """Columns document, genre, index, text, tree, and tuples tokens, xpos, head, deprel."""
        from pandera.pandas import Column, DataFrameSchema

        return DataFrameSchema(
            {
                "document": Column(str, filled()),
                "genre": Column(str, filled()),
                "index": Column(int),
                "text": Column(str, filled()),
                "tree": Column(str, filled()),
                **{name: Column(object) for name in WORD_COLUMNS},
            },
            unique=["document", "index"],
        )

    def prepare(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Word columns as tuples."""
        return with_tuples(frame)

    def local(self, folder: Path) -> Corpus:
        corpus = super().local(folder)
        check_lengths(corpus.frame, f"{self.name}.parquet")
        return corpus

    def generate(self, seed: int) -> pd.DataFrame:
        """Generated documents, one domain a genre."""
        from data.generator import sentences

        return sentences.documents(EMBEDDED_DOCUMENTS, EMBEDDED_LENGTH, seed=seed)

"""Web text with tags and dependencies."""

from __future__ import annotations

import pandas as pd

from data.corpora.analysed import WORDS, AnalysedSource
from data.corpora.source import TEXT, one_of

EMBEDDED_SENTENCES = 800


class Ewt(AnalysedSource):
    """Sentences of web text with Penn Treebank tags: Universal Dependencies English EWT."""

    name = "ewt"
    licence = "CC BY-SA 4.0"
    citation = "Silveira et al. 2014, A gold standard dependency corpus for English, LREC"
    columns = {
        "split": one_of("train", "dev", "test"),
        "sent_id": TEXT,
        "genre": TEXT,
        "text": TEXT,
        **WORDS,
    }
    unique = ("split", "sent_id")

    def generate(self, seed: int) -> pd.DataFrame:
        """Generated sentences with their tags."""
        from data.generator import sentences

        return sentences.tagged(EMBEDDED_SENTENCES, seed=seed)

"""Documents of many genres with constituency trees, tags and dependencies."""

from __future__ import annotations

import pandas as pd

from data.corpora.analysed import WORDS, AnalysedSource
from data.corpora.source import NUMBER, TEXT

EMBEDDED_DOCUMENTS, EMBEDDED_LENGTH = 40, 20


class Gum(AnalysedSource):
    """Sentences of documents in many genres with their trees: GUM, without its Reddit part."""

    name = "gum"
    licence = "annotations: CC BY 4.0; texts: terms of their sources, all open"
    citation = "Zeldes 2017, The GUM corpus, Language Resources and Evaluation 51(3)"
    columns = {
        "document": TEXT,
        "genre": TEXT,
        "index": NUMBER,
        "text": TEXT,
        "tree": TEXT,
        **WORDS,
    }
    unique = ("document", "index")

    def generate(self, seed: int) -> pd.DataFrame:
        """Generated documents, one domain a genre."""
        from data.generator import sentences

        return sentences.documents(EMBEDDED_DOCUMENTS, EMBEDDED_LENGTH, seed=seed)

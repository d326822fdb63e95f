"""Corpora of analysed sentences, EWT and GUM: columns that hold one entry a word."""

from pathlib import Path

import pandas as pd

from data.corpora.source import NUMBER, TEXT, CorpusSource, Rule, one_of
from data.corpus import Corpus
from data.errors import UserError

WORDS = dict.fromkeys(("tokens", "xpos", "head", "deprel"), Rule(object))
"""Columns of tuples with one entry for each word."""

EMBEDDED_SENTENCES = 800
EMBEDDED_DOCUMENTS, EMBEDDED_LENGTH = 40, 20


class AnalysedSource(CorpusSource):
    """A corpus whose sentences have tags and dependencies."""

    lists = tuple(WORDS)

    def local(self, folder: Path) -> Corpus:
        """As of every corpus; a row whose word columns differ in length is a UserError too."""
        corpus = super().local(folder)
        lengths = pd.DataFrame({name: corpus.frame[name].map(len) for name in WORDS})
        wrong = (lengths.nunique(axis=1) != 1) | (lengths["tokens"] == 0)
        if wrong.any():
            raise UserError(
                f"{self.name}.parquet: the columns {', '.join(WORDS)} must hold one entry for each "
                f"word, and do not in row {int(wrong.to_numpy().argmax()) + 1}; download or write "
                "it again"
            )
        return corpus


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

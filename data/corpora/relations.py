"""Corpora of sentences with two marked entities and the relation between them."""

from pathlib import Path

import pandas as pd

from data.corpora import EMBEDDED_SEED
from data.corpora.source import EMBEDDED_TERMS, TEXT, CorpusSource, Rule
from data.corpus import Corpus

WORDS = Rule(object, lambda column: column.map(len) > 0, "is empty in row {row}; remove the row")

ENTITIES = {"head_id": TEXT, "head_positions": WORDS, "tail_id": TEXT, "tail_positions": WORDS}

EMBEDDED_SENTENCES = 2800


class RelationSource(CorpusSource):
    """A corpus in the columns of FewRel; positions are those of the words of an entity."""

    lists = ("tokens", "head_positions", "tail_positions")
    columns = {"relation": TEXT, "tokens": WORDS, **ENTITIES}

    def generate(self, seed: int) -> pd.DataFrame:
        """Generated facts, in the columns of the corpus."""
        from data.generator.facts import facts

        return facts(EMBEDDED_SENTENCES, seed=seed)[list(self.columns)]


class FewRelWiki(RelationSource):
    """Sentences of Wikipedia with 16 relations of Wikidata: FewRel, validation part."""

    name = "fewrel_wiki"
    licence = "MIT (the repository); sentences of Wikipedia, CC BY-SA"
    citation = "Han et al. 2018, FewRel, EMNLP"


class FewRelSemeval(RelationSource):
    """Sentences with 17 directed relations of nominals: SemEval-2010 task 8 as in FewRel 2.0."""

    name = "fewrel_semeval"
    licence = "MIT (the repository); annotations CC BY 3.0"
    citation = "Hendrickx et al. 2010, SemEval-2010 task 8; Gao et al. 2019, FewRel 2.0, EMNLP"


class Facts(RelationSource):
    """Generated sentences about recurring entities of known types; the same in every folder."""

    name = "facts"
    licence = EMBEDDED_TERMS
    citation = "this package"
    columns = {**RelationSource.columns, "head_type": TEXT, "tail_type": TEXT}

    def local(self, folder: Path) -> Corpus:
        """There is no original, so a data folder changes nothing."""
        return self.embedded(EMBEDDED_SEED)

"""The corpus `profner`: posts, whether they name an occupation, and where."""

from pathlib import Path
from typing import Any

import pandas as pd

from data.corpora.source import TEXT, CorpusSource, Rule, one_of
from data.corpus import Corpus
from data.errors import UserError

EMBEDDED_POSTS = 900


class Profner(CorpusSource):
    """Spanish tweets with the occupations that they name: ProfNER, subtasks 7a and 7b."""

    name = "profner"
    licence = "none stated; tweets, for research, no redistribution"
    citation = (
        "Miranda-Escalada et al. 2021, The ProfNER shared task on automatic recognition of "
        "occupation mentions in social media, SMM4H"
    )
    columns = {
        "split": one_of("train", "valid"),
        "text": TEXT,
        "label": one_of("0", "1"),
        "entities": Rule(
            object,
            lambda column: column.map(lambda row: isinstance(row, tuple)),
            "has in row {row} no list of entities with begin, end and type; write it again",
        ),
    }

    def prepare(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Entities as tuples (begin, end, type), so that equal rows have equal content hashes."""
        found = list(map(_entities, frame["entities"]))
        return frame.assign(entities=pd.Series(found, frame.index, object))

    def local(self, folder: Path) -> Corpus:
        """As of every corpus; an entity that lies outside of its text is a UserError too."""
        corpus = super().local(folder)
        rows = zip(corpus.frame["text"], corpus.frame["entities"], strict=True)
        for number, (text, entities) in enumerate(rows, start=1):
            if not all(0 <= begin < end <= len(text) for begin, end, _ in entities):
                raise UserError(
                    f"{self.name}.parquet: an entity in row {number} lies outside of its text; "
                    "offsets are of characters, begin below end"
                )
        return corpus

    def generate(self, seed: int) -> pd.DataFrame:
        """Short English posts, with four types of occupations of which two are rare."""
        from data.generator.occupations import posts

        return posts(EMBEDDED_POSTS, seed=seed)


def _entities(row: Any) -> Any:
    """The entities sorted, or the row as it is where they are none, for a rule to refuse."""
    try:
        return tuple(sorted((int(e["begin"]), int(e["end"]), str(e["type"])) for e in row))
    except (LookupError, TypeError, ValueError, OverflowError):
        return row

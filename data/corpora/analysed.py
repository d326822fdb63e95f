"""What corpora of analysed sentences share: columns that hold one entry a word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from data.corpora.source import CorpusSource, Rule
from data.corpus import Corpus
from data.errors import UserError

WORDS = dict.fromkeys(("tokens", "xpos", "head", "deprel"), Rule(object))
"""Columns of tuples with one entry for each word."""


class AnalysedSource(CorpusSource):
    """A corpus whose sentences have tags and dependencies."""

    def prepare(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Word columns as tuples, so that equal rows have equal content hashes."""
        changed = {
            name: pd.Series([_as_tuple(row) for row in frame[name]], frame.index, object)
            for name in WORDS
            if name in frame and frame[name].map(pd.api.types.is_list_like).all()
        }
        return frame.assign(**changed)

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


def _as_tuple(row: Any) -> tuple[object, ...]:
    # Parquet gives arrays, whose numbers would tell a local corpus from an equal generated one.
    return tuple(row.tolist() if isinstance(row, np.ndarray) else row)

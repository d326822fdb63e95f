"""The corpus `dsentences`: template sentences that are the full product of known factors."""

from __future__ import annotations

import pandas as pd

from data.corpora.source import TEXT, CorpusSource, within
from data.generator.clauses import FACTORS, clauses

EMBEDDED_TUPLES = 12


class DSentences(CorpusSource):
    """Template sentences of nine factors, a row for each combination: dSentences."""

    name = "dsentences"
    licence = "not stated by its publisher"
    citation = "M'Charrak 2018, dSentences (thesis; github.com/mcharrak/discreteVAE)"
    columns = {"text": TEXT, **dict.fromkeys(FACTORS, within(0, 10_000, kind=int))}

    def prepare(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The factors in one type, whatever whole numbers the file stores them in."""
        whole = [
            name
            for name in FACTORS
            if name in frame and frame[name].dtype.kind in "biu" and frame[name].notna().all()
        ]
        return frame.astype(dict.fromkeys(whole, "int64"))

    def generate(self, seed: int) -> pd.DataFrame:
        """Clauses of twelve pairs of verb and object in all forms."""
        return clauses(EMBEDDED_TUPLES, seed=seed)

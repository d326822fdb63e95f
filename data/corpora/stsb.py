"""Pairs of sentences with a grade of their likeness in meaning."""

from __future__ import annotations

import pandas as pd

from data.corpora.source import TEXT, CorpusSource, Rule, one_of

EMBEDDED_PAIRS = 360


class Stsb(CorpusSource):
    """Sentence pairs with likeness in meaning from 0 to 5: the STS benchmark."""

    name = "stsb"
    licence = "CC BY-SA 4.0; parts under the terms of their sources"
    citation = "Cer et al. 2017, SemEval-2017 task 1, SemEval"
    columns = {
        "split": one_of("train", "dev", "test"),
        "score": Rule(float, limits=(0, 5)),
        "sentence1": TEXT,
        "sentence2": TEXT,
    }

    def generate(self, seed: int) -> pd.DataFrame:
        """Generated pairs: five times the share of content that they have in common."""
        from data.generator import sentences

        frame = sentences.graded_pairs(EMBEDDED_PAIRS, ("train", "dev", "test"), seed=seed)
        return frame.assign(score=5 * frame["shared"]).drop(columns="shared")

"""Pairs of sentences with a grade: SICK and the STS benchmark."""

from __future__ import annotations

import pandas as pd

from data.corpora.source import TEXT, CorpusSource, one_of, within

EMBEDDED_PAIRS = 360


class Sick(CorpusSource):
    """Sentence pairs with relatedness from 1 to 5: SICK."""

    name = "sick"
    licence = "CC BY-NC-SA 3.0"
    citation = "Marelli et al. 2014, A SICK cure for compositional distributional models, LREC"
    columns = {
        "split": one_of("train", "trial", "test"),
        "relatedness": within(1, 5),
        "sentence1": TEXT,
        "sentence2": TEXT,
    }

    def generate(self, seed: int) -> pd.DataFrame:
        """Generated pairs: one, and four times the share of content that they have in common."""
        from data.generator import sentences

        # Pairs of their own, not those of the other graded corpus.
        frame = sentences.graded_pairs(EMBEDDED_PAIRS, ("train", "trial", "test"), seed=seed + 1)
        return frame.assign(relatedness=1 + 4 * frame["shared"]).drop(columns="shared")


class Stsb(CorpusSource):
    """Sentence pairs with likeness in meaning from 0 to 5: the STS benchmark."""

    name = "stsb"
    licence = "CC BY-SA 4.0; parts under the terms of their sources"
    citation = "Cer et al. 2017, SemEval-2017 task 1, SemEval"
    columns = {
        "split": one_of("train", "dev", "test"),
        "score": within(0, 5),
        "sentence1": TEXT,
        "sentence2": TEXT,
    }

    def generate(self, seed: int) -> pd.DataFrame:
        """Generated pairs: five times the share of content that they have in common."""
        from data.generator import sentences

        frame = sentences.graded_pairs(EMBEDDED_PAIRS, ("train", "dev", "test"), seed=seed)
        return frame.assign(score=5 * frame["shared"]).drop(columns="shared")

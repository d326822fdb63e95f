"""Tweets with toxicity and a guess at their dialect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from data.corpora.source import (
    EMBEDDED_TERMS,
    NUMBER,
    TEXT,
    CorpusSource,
    Rule,
    must_be,
    one_of,
    within,
)
from data.corpus import Corpus
from data.errors import UserError

EMBEDDED_ROWS_PER_CELL = 1000
EMBEDDED_PAIRS_PER_CELL = 50


def _some_filled(texts: pd.Series[str]) -> bool:
    return bool((texts.str.strip() != "").any())


class Tweets(CorpusSource):
    """Tweets with toxicity and dialect posteriors: Davidson, OLID and HatEval."""

    name = "tweets"
    licence = "Davidson: MIT; TweetEval: research use under Twitter's terms; word counts: MIT"
    citation = (
        "Davidson et al. 2017, ICWSM; Zampieri et al. 2019 and Basile et al. 2019, SemEval; "
        "Barbieri et al. 2020, TweetEval; dialect: Blodgett et al. 2016, EMNLP"
    )

    columns = {
        "corpus": TEXT,
        "split": TEXT,
        "idx": NUMBER,
        "toxic": one_of(0, 1),
        # Some of the originals are blank; the task leaves those out.
        "text": Rule(str, _some_filled, must_be("some text that is not blank")),
        "label": Rule(str, required=False),
    }
    unique = ("corpus", "split", "idx")

    def columns_of(self, source: str) -> Mapping[str, Rule]:
        """The columns, with `dialect` or, embedded, `register`.

        The dialect is the argmax of posteriors inferred from words alone: a model's guess and no
        annotation; it is missing where no word is known. Where they are there, `label` is the
        original label behind `toxic`, and `p_aa` and `p_white` are two of the posteriors.
        """
        if source == "embedded":
            return {**self.columns, "register": one_of("elided", "standard")}
        posterior = within(0, 1, nullable=True, required=False)
        return {
            **self.columns,
            "dialect": one_of("AA", "Hisp", "Other", "White", nullable=True),
            "p_aa": posterior,
            "p_white": posterior,
        }

    def generate(self, seed: int) -> pd.DataFrame:
        """Generated tweets, toxic or not, in an elided or a standard spelling."""
        from data.generator import tweets

        return tweets(EMBEDDED_ROWS_PER_CELL, seed=seed)

    def embedded(self, seed: int) -> Corpus:
        """As of every corpus, with tweets in minimal pairs."""
        from data.generator import post_pairs

        corpus = super().embedded(seed)
        frame = post_pairs(EMBEDDED_PAIRS_PER_CELL, seed=seed)
        frame = frame.replace({"toxicity": {"fine": "nontoxic"}})
        pairs = Corpus("posts in pairs", "embedded", frame, EMBEDDED_TERMS, corpus.citation)
        return replace(corpus, pairs=pairs)


class Founta(Tweets):
    """Tweets of Founta et al. 2018 in a user's own copy, with dialect posteriors."""

    name = "founta"
    licence = "to be had from its authors alone, no redistribution; word counts: MIT"
    citation = "Founta et al. 2018, ICWSM; dialect: Blodgett et al. 2016, EMNLP"

    def generate(self, seed: int) -> pd.DataFrame:
        """There is nothing to generate.

        UserError always; the embedded tweets are the corpus `tweets`.
        """
        raise UserError(
            "there is no embedded corpus founta; give a data folder with founta.parquet, or use "
            "the task tweets"
        )

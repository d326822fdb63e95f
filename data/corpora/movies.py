"""Film reviews with sentiment and genres."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from data.corpora.source import NUMBER, TEXT, CorpusSource, Rule, must_be, one_of, within
from data.corpus import Corpus

EMBEDDED_ROWS_PER_CELL = 1_000
EMBEDDED_PAIRS_PER_CELL = 50


def _names(lists: pd.Series[Any]) -> pd.Series[bool]:
    return lists.map(lambda row: all(isinstance(genre, str) for genre in row))


class Movies(CorpusSource):
    """Film reviews with sentiment and genres: aclImdb joined with MovieLens-25M."""

    name = "movies"
    licence = "reviews: free for research, cite; MovieLens genres: research use, no redistribution"
    citation = (
        "Maas et al. 2011, Learning word vectors for sentiment analysis, ACL; "
        "Harper and Konstan 2015, The MovieLens datasets, ACM TiiS 5(4)"
    )
    columns = {
        "split": one_of("train", "test"),
        "id": NUMBER,
        "sentiment": one_of("neg", "pos"),
        "movie_id": TEXT,
        "genres": Rule(object, _names, must_be("a list of genre names")),
        "rating": within(1, 10, kind=int, required=False),
        "text": TEXT,
    }
    # The originals number the reviews again for each split and sentiment.
    unique = ("split", "sentiment", "id")
    lists = ("genres",)

    def generate(self, seed: int) -> pd.DataFrame:
        """Generated reviews of Drama or Horror films."""
        from data.generator import movies

        return movies(EMBEDDED_ROWS_PER_CELL, seed=seed)

    def local(self, folder: Path) -> Corpus:
        """As of every corpus, with the rewritten reviews where the folder has them."""
        corpus, rewritten = super().local(folder), Counterfactual()
        there = (folder / f"{rewritten.name}.parquet").is_file()
        return replace(corpus, pairs=rewritten.local(folder) if there else None)

    def embedded(self, seed: int) -> Corpus:
        """As of every corpus, with reviews in minimal pairs."""
        return replace(super().embedded(seed), pairs=Counterfactual().embedded(seed))


class Counterfactual(CorpusSource):
    """Film reviews that people rewrote until their sentiment was the other one, and no more."""

    name = "counterfactual"
    licence = "rewritten reviews: Apache-2.0; reviews: free for research, cite"
    citation = (
        "Kaushik et al. 2020, Learning the difference that makes a difference with "
        "counterfactually-augmented data, ICLR; Maas et al. 2011, ACL"
    )
    columns = {
        "pair": NUMBER,
        "sentiment": one_of("negative", "positive"),
        # Reviews that were rewritten have that of their film.
        "genre": one_of("drama", "horror", required=False),
        "text": TEXT,
    }

    def generate(self, seed: int) -> pd.DataFrame:
        """Generated reviews, each also with its sentiment or its genre flipped."""
        from data.generator import review_pairs

        frame = review_pairs(EMBEDDED_PAIRS_PER_CELL, seed=seed)
        return frame.replace({"sentiment": {"neg": "negative", "pos": "positive"}})

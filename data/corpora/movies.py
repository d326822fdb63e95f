"""Film reviews with sentiment and genres."""

from __future__ import annotations

from typing import Any

import pandas as pd

from data.corpora.source import NUMBER, TEXT, CorpusSource, Rule, one_of

EMBEDDED_ROWS_PER_CELL = 1_000


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
        "genres": Rule(object, holds=_names, says="a list of genre names"),
        "rating": Rule(int, limits=(1, 10), required=False),
        "text": TEXT,
    }
    # The originals number the reviews again for each split and sentiment.
    unique = ("split", "sentiment", "id")

    def prepare(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Genres as tuples, so that equal rows have equal content hashes."""
        listed = "genres" in frame and frame["genres"].map(pd.api.types.is_list_like).all()
        if not listed:
            return frame
        return frame.assign(genres=pd.Series(map(tuple, frame["genres"]), frame.index, object))

    def generate(self, seed: int) -> pd.DataFrame:
        """Generated reviews of Drama or Horror films."""
        from data.generator import movies

        return movies(EMBEDDED_ROWS_PER_CELL, seed=seed)

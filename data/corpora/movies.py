"""Film reviews with sentiment and genres."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from data.corpora.source import CorpusSource, filled

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema

EMBEDDED_ROWS_PER_CELL = 1_000


class Movies(CorpusSource):
    """Film reviews with sentiment and genres: aclImdb joined with MovieLens-25M."""

    name = "movies"
    licence = "reviews: free for research, cite; MovieLens genres: research use, no redistribution"
    citation = (
        "Maas et al. 2011, Learning word vectors for sentiment analysis, ACL; "
        "Harper and Konstan 2015, The MovieLens datasets, ACM TiiS 5(4)"
    )

    def schema(self, source: str) -> DataFrameSchema:
        """Columns split, id, sentiment, movie_id, genres (tuple of str) and text; maybe rating."""
        from pandera.pandas import Check, Column, DataFrameSchema

        genres = Check(
            lambda lists: lists.map(lambda row: all(isinstance(genre, str) for genre in row)),
            error="a list of genre names",
        )
        return DataFrameSchema(
            {
                "split": Column(str, Check.isin(["train", "test"])),
                "id": Column(int),
                "sentiment": Column(str, Check.isin(["neg", "pos"])),
                "movie_id": Column(str, filled()),
                "genres": Column(object, genres),
                "rating": Column(int, Check.in_range(1, 10), required=False),
                "text": Column(str, filled()),
            },
            # The originals number the reviews again for each split and sentiment.
            unique=["split", "sentiment", "id"],
        )

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

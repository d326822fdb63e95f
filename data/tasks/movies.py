"""Sentiment and genre in film reviews."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.corpus import Corpus
from data.duplicates import text_key
from data.errors import UnknownNameError, UserError
from data.minimal_pairs import pairs_in, spared
from data.quotas import Sizes
from data.rows import Aspect, Detail, Pairs, Rows
from data.splits import Pool
from data.tasks.labelled import LabelledTask, coded, numbered

DEFAULT_GENRES = ("Drama", "Horror")


class Movies(LabelledTask):
    """Sentiment and genre in film reviews, Drama or Horror unless other genres are given.

    Films of exactly one of the two genres. The training side is the official training split and
    the evaluation side the official test split, less the films that stand in both; rows are
    grouped by film. The association is positive with the first genre and negative with the second.
    Beyond the classes, the rating is a detail of the sentiment and other genres are of the genre.
    Films of rewritten reviews are kept for minimal pairs alone.
    """

    name = "movies"
    corpus = "movies"
    local_sizes = Sizes()

    @dataclass(frozen=True)
    class Options:
        """`genres`: two names of genres, the one of mostly positive training reviews first."""

        genres: tuple[str, str] = DEFAULT_GENRES

    def __init__(self, options: Options | None = None) -> None:
        super().__init__(options)
        genres = tuple(self.options.genres)
        if len(genres) != 2 or genres[0] == genres[1]:
            raise UserError(f"give two different genres, not {', '.join(map(repr, genres))}")
        if genres != DEFAULT_GENRES:
            self.name = "-".join(["movies", *(genre.lower() for genre in genres)])

    def pool(self, corpus: Corpus) -> Pool:
        """Reviews of films of one of the two genres and not of the other."""
        frame = corpus.frame
        first, second = self.options.genres
        known = {genre for genres in frame["genres"] for genre in genres}
        for genre in (first, second):
            if genre not in known:
                raise UnknownNameError("genre", genre, known)
        first_there = frame["genres"].map(lambda genres: first in genres)
        second_there = frame["genres"].map(lambda genres: second in genres)
        frame = frame[first_there != second_there]
        splits_of_film = frame.groupby("movie_id")["split"].transform("nunique")
        frame = frame[splits_of_film == 1]
        genre = first_there[frame.index].map({True: first.lower(), False: second.lower()})
        # Class 0 goes with class 0 and 1 with 1, so the second genre stands beside `negative`.
        aspects = (
            Aspect("sentiment", ("negative", "positive")),
            Aspect("genre", (second.lower(), first.lower())),
        )
        names = zip(frame["split"], frame["sentiment"], frame["id"], strict=True)
        rows = Rows(
            ids=tuple(f"{split}-{sentiment}-{number}" for split, sentiment, number in names),
            texts=tuple(_without_breaks(text) for text in frame["text"]),
            labels={
                "sentiment": coded(frame["sentiment"].tolist(), {"neg": 0, "pos": 1}),
                "genre": aspects[1].codes(genre),
            },
            groups=numbered(frame["movie_id"].tolist()),
            aspects=aspects,
            details=_details(frame, known - {first, second}),
        )
        training = (frame["split"] == "train").to_numpy(dtype=bool)
        return Pool(rows, training, ~training)

    def pairs(self, corpus: Corpus, pool: Pool, sizes: Sizes) -> Pairs | None:
        """Rewritten reviews of the task's films, or generated ones of Drama and Horror.

        A review is known by its text, and its rewriting has the genre and the film of it. Where
        nothing was rewritten but case or white space there is no pair. All of them stand in half of
        the films to train on, so that only some are taken: see `data.minimal_pairs.spared`.
        """
        if corpus.pairs is None or "genre" in corpus.pairs.frame:
            known = self.options.genres == DEFAULT_GENRES
            return super().pairs(corpus, pool, sizes) if known else None
        frame, rows = corpus.pairs.frame, pool.rows
        frame = frame.assign(text=[_without_breaks(text) for text in frame["text"]])
        keys = frame["text"].map(text_key)
        row_of = {text_key(text): place for place, text in reversed([*enumerate(rows.texts)])}
        # The review and its rewriting follow each other; it is the review that is found.
        place = keys.map(row_of).groupby(frame["pair"]).transform("first")
        there = place.notna() & (keys.groupby(frame["pair"]).transform("nunique") == 2)
        if not there.any():
            return None
        at = place[there].to_numpy(np.int64)
        classes = np.array(rows.aspects[1].classes)
        frame = frame[there].assign(genre=classes[rows.labels["genre"][at]])
        pairs = pairs_in(frame, rows.aspects, rows.groups[at])
        return spared(pairs, rows, pool.training, sizes)


def _details(frame: pd.DataFrame, genres: set[str]) -> Mapping[str, Detail]:
    """The rating, where the corpus has it, and the other genres of the film."""
    found = {}
    if "rating" in frame:
        found["rating"] = Detail("sentiment", frame["rating"].to_numpy(np.float64))
    for other in sorted(genres):
        there = [other in listed for listed in frame["genres"]]
        found[other.lower()] = Detail("genre", np.array(there, dtype=np.float64))
    return found


def _without_breaks(text: str) -> str:
    """The review without the line breaks that the originals write as HTML."""
    return " ".join(text.replace("<br />", " ").split())

"""Film reviews with two known factors, sentiment and genre: the embedded corpus `movies`."""

from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd

from data.generator.factors import generator_for, minimal_pairs, other, written_for
from data.generator.grammar import Draws, Grammar, Node, Setting
from data.generator.lexicon import lexicon, symbols
from data.generator.surface import Text, realise, spans_to_json, unseen

FACTORS = {"sentiment": ("neg", "pos"), "genre": ("drama", "horror")}
VARIABLES = {"s": "sentiment", "o": "sentiment", "g": "genre", "h": "genre"}
REVIEWS_PER_FILM = 5

_SENTENCES = (0.3, 0.65, 0.87, 0.96, 1.0)
_TYPES = ("sentiment", "genre", "both", "sentiment_misleading", "genre_misleading", "filler")
_TYPE_WEIGHTS = (0.36, 0.46, 0.76, 0.82, 0.89, 1.0)
# Cumulative weights of the strengths 1, 2, 3 in a faint, a middling and a plain-spoken review.
_MOODS = ((0.40, 0.80, 1.0), (0.15, 0.55, 1.0), (0.02, 0.15, 1.0))
_MOOD_WEIGHTS = (0.08, 0.32, 1.0)
_MISLEADING = (0.40, 0.85, 1.0)
_RATINGS = {"neg": (1, 4, 3, 2), "pos": (10, 7, 8, 9)}


@cache
def grammar() -> Grammar:
    """The grammar of film reviews; its sentence symbols are `sentiment`, `genre`, `filler`, ..."""
    return Grammar(
        *symbols("people", "everyday", "film_facts", "film_opinions", "film_genres", "film_rules"),
        factors=FACTORS,
        variables=VARIABLES,
    )


def movies(rows_per_cell: int, *, seed: int) -> pd.DataFrame:
    """Draw a corpus of film reviews.

    Parameters
    ----------
    rows_per_cell : reviews in each of the four cells in each of the two splits, 1 or more.
    seed : equal seeds give equal frames.

    Returns
    -------
    8 * rows_per_cell rows with the columns of the real corpus (`split`, `id`, `rating`,
    `sentiment`, `movie_id`, `genres`, `text`) and `spans`, the JSON of
    `data.generator.surface.spans_to_json`. No two texts are equal. A film has one genre, stands
    in one split, and has `REVIEWS_PER_FILM` reviews on average.

    Raises
    ------
    UserError : `rows_per_cell` is below 1 or `seed` below 0.
    """
    rng = generator_for(rows_per_cell, seed, 1)
    draws = Draws(rng)
    rows: list[dict[str, Any]] = []
    seen: set[str] = set()
    films = 0
    for split in ("train", "test"):
        for genre in FACTORS["genre"]:
            count = max(1, round(2 * rows_per_cell / REVIEWS_PER_FILM))
            pool = [_film(draws, genre, films + i) for i in range(count)]
            films += count
            labels = ["neg"] * rows_per_cell + ["pos"] * rows_per_cell
            draws.shuffle(labels)
            for position, sentiment in enumerate(labels):
                film = pool[position if position < count else draws.below(count)]
                rows.append({"split": split, **_review(draws, film, genre, sentiment, seen)})
    frame = pd.DataFrame(rows).iloc[rng.permutation(len(rows))]
    frame = frame.sort_values("split", kind="stable", ascending=False).reset_index(drop=True)
    frame.insert(1, "id", np.arange(len(frame), dtype=np.int64))
    return frame


def review_pairs(per_cell: int, *, seed: int) -> pd.DataFrame:
    """Draw reviews of films of their own, each also with its sentiment or its genre flipped.

    See `data.generator.factors.minimal_pairs`. A tree is drawn once, and only its cues of the
    flipped factor again. Labels have no noise.
    """
    draws = Draws(generator_for(per_cell, seed, 3))

    def write(classes: dict[str, str]) -> list[str]:
        words = _film(draws, classes["genre"], 0)["words"]
        setting = _setting(draws, classes, words)
        trees = _sentences(draws, setting)
        versions = [trees]
        for first, second in FACTORS.values():
            turned = {first: second, second: first}
            versions.append([grammar().flipped(t, turned, draws, setting) for t in trees])
        return [realise(version, classes).text for version in versions]

    return minimal_pairs(per_cell, FACTORS, write)


def _film(draws: Draws, genre: str, number: int) -> dict[str, Any]:
    setting = Setting()
    words = {
        constant: " ".join(leaf.text for leaf in grammar().derive(symbol, draws, setting).leaves())
        for constant, symbol in (("title", "title"), ("director", "person"), ("lead", "person"))
    }
    genres = [genre.capitalize()]
    extra = lexicon("film_genres")["extra_genres"][genre]
    if draws.uniform() < 0.4:
        genres.append(extra[draws.below(len(extra))])
    return {"movie_id": f"em{number:06d}", "genres": genres, "words": words}


def _review(
    draws: Draws, film: dict[str, Any], genre: str, sentiment: str, seen: set[str]
) -> dict[str, Any]:
    written = written_for({"sentiment": sentiment, "genre": genre}, FACTORS, draws)
    text = unseen(partial(compose, draws, written, film["words"]), seen)
    ratings = _RATINGS[sentiment]
    return {
        "rating": ratings[draws.weighted((0.4, 0.6, 0.8, 1.0))],
        "sentiment": sentiment,
        "movie_id": film["movie_id"],
        "genres": list(film["genres"]),
        "text": text.text,
        "spans": spans_to_json(text.spans),
    }


def compose(draws: Draws, written: dict[str, str], words: dict[str, str]) -> Text:
    """Write one review of the given classes; `words` holds the film's title, director and lead."""
    return realise(_sentences(draws, _setting(draws, written, words)), written)


def _setting(draws: Draws, written: dict[str, str], words: dict[str, str]) -> Setting:
    return Setting(
        {
            "s": written["sentiment"],
            "o": other(FACTORS, "sentiment", written["sentiment"]),
            "g": written["genre"],
            "h": other(FACTORS, "genre", written["genre"]),
        },
        {
            "s": _MOODS[draws.weighted(_MOOD_WEIGHTS)],
            "g": _MOODS[draws.weighted(_MOOD_WEIGHTS)],
            "o": _MISLEADING,
            "h": _MISLEADING,
        },
        words,
    )


def _sentences(draws: Draws, setting: Setting) -> list[Node]:
    """Two to six trees: a cue of each factor for certain, and what the type weights add."""
    length = 2 + draws.weighted(_SENTENCES)
    types = ["sentiment", "genre"]
    types += [_TYPES[draws.weighted(_TYPE_WEIGHTS)] for _ in range(length - 2)]
    draws.shuffle(types)
    return [grammar().derive(kind, draws, setting) for kind in types]

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data import tasks
from data.corpus import Corpus
from data.errors import UnknownNameError, UserError
from data.quotas import VALID_SHARE, Sizes, majority_cells
from data.rows import Rows
from data.tasks.movies import Movies
from data.tasks.tweets import normalised


def corpus(name: str, frame: pd.DataFrame, source: str = "local") -> Corpus:
    return Corpus(name, source, frame, "none", "nobody")


def reviews(films: int = 40) -> pd.DataFrame:
    """Films of all genre sets in both splits, ten reviews each."""
    sets = [("Drama",), ("Horror",), ("Drama", "Horror"), ("Comedy",), ("Drama", "Comedy"), ()]
    return pd.DataFrame(
        [
            {
                "split": split,
                "id": 100 * film + number,
                "sentiment": "pos" if number % 2 else "neg",
                "movie_id": f"{split}{film}",
                "genres": sets[film % len(sets)],
                "text": f"review {number} <br /><br />of film {film} in {split}",
            }
            for split in ("train", "test")
            for film in range(films)
            for number in range(10)
        ]
    )


def tweets(per_cell: int = 60) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "corpus": source,
                "split": "all",
                "idx": number * 10 + place,
                "toxic": toxic,
                "text": f"RT @someone: {source} {dialect} {toxic} no {number} http://t.co/x{number}",
                "dialect": dialect,
            }
            for source in ("davidson2017", "tweeteval_offensive", "tweeteval_hate", "founta")
            for place, (toxic, dialect) in enumerate(
                (t, d) for t in (0, 1) for d in ("AA", "White", "Hisp", None)
            )
            for number in range(per_cell)
        ]
    )


def names_of(rows: Rows) -> set[str]:
    return {
        rows.cell_names[cell] for cell in majority_cells([len(a.classes) for a in rows.aspects])
    }


def test_unknown_names() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'tweets'"):
        tasks.find("tweet")
    with pytest.raises(UserError, match="'tweets' has no option 'genres'; it has none"):
        tasks.find("tweets", genres=("A", "B"))
    with pytest.raises(UserError, match="'movies' has no option 'genre'; its options are genres"):
        tasks.find("movies", genre="A")


def test_movies_takes_one_genre_and_not_the_other() -> None:
    task = tasks.find("movies")
    pool = task.pool(corpus("movies", reviews()))
    frame = reviews()
    wanted = frame[frame["genres"].map(lambda g: ("Drama" in g) != ("Horror" in g))]
    assert len(pool.rows) == len(wanted)
    assert pool.training.sum() == (wanted["split"] == "train").sum()
    assert not (pool.training & pool.evaluation).any()
    horror = pool.rows.labels["genre"] == pool.rows.aspects[1].classes.index("horror")
    assert np.array_equal(horror, wanted["genres"].map(lambda g: "Horror" in g).to_numpy())
    positive = pool.rows.labels["sentiment"] == 1
    assert np.array_equal(positive, (wanted["sentiment"] == "pos").to_numpy())
    assert not any("<br" in text for text in pool.rows.texts)
    assert len(set(pool.rows.ids)) == len(pool.rows)


def test_movies_associates_positive_with_drama() -> None:
    pool = tasks.find("movies").pool(corpus("movies", reviews()))
    assert names_of(pool.rows) == {"positive-drama", "negative-horror"}


def test_movies_with_other_genres() -> None:
    task = tasks.find("movies", genres=("Comedy", "Drama"))
    assert task.name == "movies-comedy-drama"
    assert task.settings == {"genres": ("Comedy", "Drama")}
    pool = task.pool(corpus("movies", reviews()))
    assert names_of(pool.rows) == {"positive-comedy", "negative-drama"}
    assert isinstance(task, Movies)
    with pytest.raises(UnknownNameError, match="unknown genre 'Comdy'; did you mean 'Comedy'"):
        tasks.find("movies", genres=("Comdy", "Drama")).pool(corpus("movies", reviews()))
    for genres in (("Drama", "Drama"), ("Drama",), ()):
        with pytest.raises(UserError, match="two different genres"):
            tasks.find("movies", genres=genres)


def test_film_in_both_splits_is_left_out() -> None:
    frame = reviews()
    frame.loc[frame["movie_id"] == "test0", "movie_id"] = "train0"
    pool = tasks.find("movies").pool(corpus("movies", frame))
    full = tasks.find("movies").pool(corpus("movies", reviews()))
    assert len(pool.rows) == len(full.rows) - 20
    groups = pool.rows.groups
    assert not set(groups[pool.training]) & set(groups[pool.evaluation])


def test_movies_draw_keeps_the_official_split() -> None:
    task = tasks.find("movies")
    splits = task.draw(corpus("movies", reviews(120)), seed=0, sizes=Sizes(60, 30))
    assert splits.training.name == "movies"
    assert splits.training.correlation == 0.85
    assert all(i.startswith("train") for i in splits.training.train.ids + splits.training.valid.ids)
    assert all(i.startswith("test") for i in splits.evaluation.ids)
    assert not set(splits.training.train.groups) & set(splits.training.valid.groups)


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("RT @some_one: hello there", "hello there"),
        ("@user @user hi", "hi"),
        ("RT hi &amp; bye &#128514; &#8220;x&#8221;", 'hi & bye \U0001f602 "x"'),
        ("hi &amp;#8230; http://t.co/abc https://x.y/z?q=1 www.x.com URL", "hi ..."),
        ("don\u2019t\n\tSHORT ART", "don't SHORT ART"),
        ("@user http://t.co/a", ""),
    ],
)
def test_tweets_are_normalised_alike(raw: str, plain: str) -> None:
    assert normalised(raw) == plain
    assert normalised(plain) == plain


@pytest.mark.parametrize(
    ("name", "sources"),
    [
        ("tweets", {"davidson2017", "tweeteval_offensive"}),
        ("tweets-davidson", {"davidson2017"}),
        ("tweets-founta", {"founta"}),
    ],
)
def test_tweets_takes_its_sources_and_two_dialects(name: str, sources: set[str]) -> None:
    task = tasks.find(name)
    rows = task.pool(corpus("tweets", tweets())).rows
    assert {i.split("-")[0] for i in rows.ids} == sources
    assert len(rows) == 240 * len(sources)
    assert [a.name for a in rows.aspects] == ["toxicity", "dialect"]
    assert names_of(rows) == {"toxic-AA", "nontoxic-White"}
    assert all(
        f" {d} " in t
        for d, t in zip(
            (rows.aspects[1].classes[c] for c in rows.labels["dialect"]), rows.texts, strict=True
        )
    )
    splits = task.draw(corpus("tweets", tweets()), seed=0, sizes=Sizes(60, 30, 10))
    assert len(splits.evaluation) == 40


def test_blank_tweets_are_left_out() -> None:
    frame = tweets()
    frame.loc[frame["idx"] < 8, "text"] = "@user"
    rows = tasks.find("tweets").pool(corpus("tweets", frame)).rows
    assert len(rows) == 480 - 8
    assert "" not in rows.texts


def test_absent_source_is_named() -> None:
    frame = tweets()
    with pytest.raises(UserError, match="no rows of the corpus tweeteval_offensive, only of david"):
        tasks.find("tweets").pool(corpus("tweets", frame[frame["corpus"] == "davidson2017"]))


@pytest.mark.parametrize("name", ["movies", "tweets", "tweets-davidson"])
def test_embedded_draws_at_every_correlation(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISENTANGLE_DATA", raising=False)
    task = tasks.find(name)
    embedded = task.load(None)
    for rho in (0.5, 0.7, 0.85, 0.95):
        splits = task.draw(embedded, correlation=rho, seed=0)
        assert (len(splits.training.train), len(splits.training.valid)) == (1000, 200)
        assert set(splits.evaluation.cell_counts().values()) == {200}
    assert names_of(splits.evaluation) == (
        {"positive-drama", "negative-horror"}
        if name == "movies"
        else {"toxic-elided", "nontoxic-standard"}
    )


REAL = Path(__file__).parents[2] / ".." / "shared" / "data"


@pytest.mark.parametrize(
    ("name", "least", "evaluation"),
    [
        ("movies", 2200, 847),
        ("tweets", 2200, 500),
        ("tweets-davidson", 1200, 250),
    ],
)
def test_real_corpora_draw_at_every_correlation(name: str, least: int, evaluation: int) -> None:
    if not (REAL / f"{name.split('-')[0]}.parquet").is_file():
        pytest.skip("the real corpora are not at ../shared/data")
    task = tasks.find(name)
    real = task.load(REAL)
    for seed, rho in enumerate((0.5, 0.5, 0.7, 0.85, 0.95)):
        splits = task.draw(real, correlation=rho, seed=seed)
        parts = [splits.training.train, splits.training.valid, splits.evaluation]
        assert len(parts[0]) > least
        assert len(parts[1]) == pytest.approx(VALID_SHARE * len(parts[0]), abs=1)
        assert set(splits.evaluation.cell_counts().values()) == {evaluation}
        groups = [set(part.groups.tolist()) for part in parts]
        assert sum(map(len, groups)) == len(set.union(*groups))
        majority = majority_cells((2, 2))
        # All rows that the correlation allows: the counts of the cells are whole numbers.
        share = np.isin(parts[0].cells, majority).mean()
        assert share == pytest.approx(rho, abs=1 / len(parts[0]))


def test_real_movies_have_the_known_counts() -> None:
    if not (REAL / "movies.parquet").is_file():
        pytest.skip("the real corpora are not at ../shared/data")
    pool = tasks.find("movies").pool(tasks.find("movies").load(REAL))
    train = pool.rows.take(np.flatnonzero(pool.training)).cell_counts()
    assert train == {
        "negative-horror": 1823,
        # Two reviews fewer than the official split has, for one film stands in both.
        "negative-drama": 2985,
        "positive-horror": 696,
        "positive-drama": 4310,
    }

"""Detail columns: what tasks declare, what a user's own file names, and that no method sees any."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from data import corpora, tasks
from data.corpora import DATA_DIR_VARIABLE
from data.corpus import Corpus
from data.errors import UserError
from data.rows import Rows
from data.tasks.labelled import LabelledTask

REAL = Path(__file__).parents[2] / ".." / "shared" / "data"


def pooled(name: str, source: str, frame: pd.DataFrame) -> Rows:
    task: LabelledTask = tasks.find(name)
    return task.pool(Corpus(name, source, frame, "none", "nobody")).rows


def test_movies_tell_ratings_and_other_genres() -> None:
    frame = pd.DataFrame(
        {
            "split": "train",
            "id": range(4),
            "sentiment": ["neg", "pos", "neg", "pos"],
            "rating": [1, 7, 4, 10],
            "movie_id": list("abcd"),
            "genres": [("Drama",), ("Drama", "War"), ("Horror",), ("War",)],
            "text": list("wxyz"),
        }
    )
    rows = pooled("movies", "local", frame)
    assert {name: detail.aspect for name, detail in rows.details.items()} == {
        "rating": "sentiment",
        "war": "genre",
    }
    assert_array_equal(rows.details["rating"].values, [1, 7, 4])
    assert_array_equal(rows.details["war"].values, [0, 1, 0])
    taken = rows.take([2, 0])
    assert_array_equal(taken.details["rating"].values, [4, 1])
    assert taken.sources == ()
    assert set(pooled("movies", "local", frame.drop(columns="rating")).details) == {"war"}


def test_tweets_tell_hateful_ones_posteriors_and_sources() -> None:
    frame = pd.DataFrame(
        {
            "corpus": ["davidson2017"] * 3 + ["tweeteval_offensive"],
            "split": "all",
            "idx": range(4),
            "label": ["hate", "offensive", "neither", "offensive"],
            "toxic": [1, 1, 0, 1],
            "text": list("wxyz"),
            "dialect": ["AA", "White", "AA", "White"],
            "p_aa": [0.6, 0.1, 0.5, 0.0],
            "p_white": [0.2, 0.3, 0.5, 0.9],
        }
    )
    rows = pooled("tweets", "local", frame)
    assert rows.details["hateful"].aspect == "toxicity"
    assert_array_equal(rows.details["hateful"].values, [1, 0, np.nan, np.nan])
    np.testing.assert_allclose(rows.details["posterior"].values, [0.75, 0.25, 0.5, 0])
    assert rows.sources == (*["davidson2017"] * 3, "tweeteval_offensive")
    assert rows.take([3]).sources == ("tweeteval_offensive",)
    assert pooled("tweets-davidson", "local", frame).sources == ()
    assert not pooled("tweets", "local", frame.drop(columns=["label", "p_aa"])).details


def test_training_rows_tell_no_detail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DATA_DIR_VARIABLE, raising=False)
    task = tasks.find("movies")
    splits = task.draw(task.load(None), seed=0)
    assert "rating" in splits.evaluation.details
    for part in (splits.training.train, splits.training.valid):
        assert not part.details
        assert not part.sources


def test_optional_columns_are_read_where_they_are(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "split": ["train"],
            "id": [1],
            "rating": [3],
            "sentiment": ["neg"],
            "movie_id": ["a"],
            "genres": [["Drama"]],
            "text": ["dull"],
        }
    )
    for rated in (frame, frame.drop(columns="rating")):
        rated.to_parquet(tmp_path / "movies.parquet")
        found = corpora.load("movies", data_dir=tmp_path).frame
        assert ("rating" in found) == ("rating" in rated)
    frame.assign(rating=11).to_parquet(tmp_path / "movies.parquet")
    with pytest.raises(UserError, match="column 'rating' has 11 in row 1"):
        corpora.load("movies", data_dir=tmp_path)


TABLE = """text,mood,size,stars,kind,both,word
a,bad,s,1,plain,x,p
b,bad,l,2,rude,,q
c,good,s,3,nice,x,r
d,good,l,,warm,y,p
e,bad,l,1,plain,y,r
f,good,l,3,nice,y,q
g,bad,s,2,rude,x,q
h,good,s,3,warm,x,r
"""


def own(folder: Path, *details: str, content: str = TABLE) -> Rows:
    file = folder / "own.csv"
    file.write_text(content)
    task = tasks.find("data", data=file, aspects=["mood", "size"], details=details)
    pool = task.pool(task.load(None))
    rows: Rows = pool.rows
    return rows


def test_own_columns_are_grades_or_categories(tmp_path: Path) -> None:
    rows = own(tmp_path, "stars", "kind", "size:both")
    held = {name: (d.aspect, d.values.tolist()) for name, d in rows.details.items()}
    nan = pytest.approx(np.nan, nan_ok=True)
    assert held == {
        "stars": ("mood", [1, 2, 3, nan, 1, 3, 2, 3]),
        "kind=nice": ("mood", [0, 0, 1, 0, 0, 1, 0, 0]),
        "kind=plain": ("mood", [1, 0, 0, 0, 1, 0, 0, 0]),
        "kind=rude": ("mood", [0, 1, 0, 0, 0, 0, 1, 0]),
        "kind=warm": ("mood", [0, 0, 0, 1, 0, 0, 0, 1]),
        "both": ("size", [0, nan, 0, 1, 1, 1, 0, 0]),
    }


@pytest.mark.parametrize(
    ("details", "message"),
    [
        (["word"], "'word' refines no aspect; say .* as --details mood:word"),
        (["stars", "stars"], "'stars' is named for two purposes"),
        (["mood"], "'mood' is named for two purposes"),
        (["gone"], "no column 'gone'"),
        (["colour:stars"], "no column 'colour:stars'"),
    ],
)
def test_bad_details(tmp_path: Path, details: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        own(tmp_path, *details)
    assert "\n" not in str(caught.value)


def test_a_column_of_names_is_no_detail(tmp_path: Path) -> None:
    lines = [f"t{i},m{i % 2},s{i % 4 // 2},n{i}" for i in range(40)]
    content = "\n".join(["text,mood,size,name", *lines])
    with pytest.raises(UserError, match="refines mood and size; say"):
        own(tmp_path, "name", content=content)
    with pytest.raises(UserError, match="40 different values that are no numbers"):
        own(tmp_path, "mood:name", content=content)


def test_details_are_part_of_the_settings_but_not_of_the_draw(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text(TABLE)
    with_details = tasks.find("data", data=file, aspects=["mood", "size"], details=["stars"])
    assert with_details.settings["details"] == ["stars"]
    without = tasks.find("data", data=file, aspects=["mood", "size"])
    assert without.settings["details"] == []
    assert without.identity(without.load(None)) == with_details.identity(with_details.load(None))


def test_real_corpora_have_their_details() -> None:
    if not (REAL / "movies.parquet").is_file():
        pytest.skip("the real corpora are not at ../shared/data")
    for name in ("movies", "tweets-davidson"):
        task = tasks.find(name)
        rows = task.draw(task.load(REAL), seed=0).evaluation
        first, second = (rows.labels[aspect.name] for aspect in rows.aspects)
        if name == "movies":
            rating = rows.details["rating"].values
            assert set(rating[first == 0]) == {1, 2, 3, 4}
            assert set(rating[first == 1]) == {7, 8, 9, 10}
            assert rows.details["comedy"].values.sum() > 100
        else:
            assert np.isnan(rows.details["hateful"].values[first == 0]).all()
            assert set(rows.details["hateful"].values[first == 1]) == {0, 1}
            assert_array_equal(rows.details["posterior"].values > 0.5, second == 1)

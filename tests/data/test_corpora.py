from pathlib import Path

import pandas as pd
import pytest

from data import corpora
from data.corpus import Corpus
from data.discovery import declared
from data.errors import UnknownNameError, UserError


def movies() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "split": ["train", "train", "test", "test"],
            "id": [1, 2, 1, 2],
            "rating": [1, 9, 2, 10],
            "sentiment": ["neg", "pos", "neg", "pos"],
            "movie_id": ["t1", "t1", "t2", "t3"],
            "genres": [["Drama"], ["Drama", "Comedy"], ["Horror"], []],
            "text": ["bad film", "good film", "a dull one", "a fine one"],
        }
    )


def tweets() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "corpus": ["davidson2017"] * 3,
            "split": ["all"] * 3,
            "idx": [0, 1, 2],
            "label": ["neither", "offensive", "hate"],
            "toxic": [0, 1, 1],
            "text": ["hello", "you fool", ""],
            "dialect": ["White", "AA", None],
        }
    )


def saved(folder: Path, name: str, frame: pd.DataFrame) -> Corpus:
    frame.to_parquet(folder / f"{name}.parquet")
    return corpora.load(name, data_dir=folder)


def refused(folder: Path, name: str, frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        saved(folder, name, frame)
    assert "\n" not in str(caught.value)


def test_names_are_found_without_registration() -> None:
    assert {"founta", "movies", "tweets"} <= set(declared(corpora.PLACE))
    with pytest.raises(UnknownNameError, match="did you mean 'movies'"):
        corpora.load("movie")


def test_local_corpus_has_terms_and_only_its_columns(tmp_path: Path) -> None:
    corpus = saved(tmp_path, "movies", movies().assign(other=1))
    assert corpus.source == "local"
    assert "Maas" in corpus.citation
    assert corpus.licence
    columns = ["split", "id", "sentiment", "movie_id", "genres", "text", "rating"]
    assert list(corpus.frame.columns) == columns
    assert corpus.frame["genres"].tolist() == [("Drama",), ("Drama", "Comedy"), ("Horror",), ()]


def test_environment_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(tmp_path, "tweets", tweets())
    monkeypatch.setenv(corpora.DATA_DIR_VARIABLE, str(tmp_path))
    assert corpora.load("tweets").source == "local"
    with pytest.raises(UserError, match="nowhere"):
        corpora.load("tweets", data_dir=tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["movies", "tweets"])
def test_embedded_is_the_default_and_deterministic(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(corpora.DATA_DIR_VARIABLE, raising=False)
    one = corpora.load(name)
    two, other = map(corpora.find(name).embedded, (corpora.EMBEDDED_SEED, 1))
    assert one.source == "embedded"
    assert "Apache" in one.licence
    assert one.content_hash == two.content_hash != other.content_hash


def test_founta_is_local_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(corpora.DATA_DIR_VARIABLE, raising=False)
    with pytest.raises(UserError, match="no embedded corpus founta"):
        corpora.load("founta")
    assert "Founta" in saved(tmp_path, "founta", tweets().assign(corpus="founta")).citation


def test_content_hash_follows_content(tmp_path: Path) -> None:
    one = saved(tmp_path, "movies", movies()).content_hash
    assert one == saved(tmp_path, "movies", movies()).content_hash
    assert one != saved(tmp_path, "movies", movies().iloc[::-1].reset_index()).content_hash
    changed = movies()
    changed.at[0, "text"] = "bad film."
    assert one != saved(tmp_path, "movies", changed).content_hash
    relisted = movies()
    relisted.at[0, "genres"] = ["Comedy"]
    assert one != saved(tmp_path, "movies", relisted).content_hash


def test_stored_lists_have_the_hash_of_generated_ones(tmp_path: Path) -> None:
    made = corpora.find("movies").embedded(1)
    stored = saved(tmp_path, "movies", made.frame)
    assert stored.column_hashes["genres"] == made.column_hashes["genres"]


def test_values_cannot_slide_between_cells_unnoticed() -> None:
    frames = [
        pd.DataFrame({"a": ["x", "y\x00z"]}),
        pd.DataFrame({"a": ["x\x00y", "z"]}),
        pd.DataFrame({"a": ["x", "y"], "b": ["p", "q"]}),
        pd.DataFrame({"a": ["x"], "yb": ["p"]}),
        pd.DataFrame({"a": ["1"]}),
        pd.DataFrame({"a": [1]}),
    ]
    hashes = {Corpus("n", "csv", frame, "", "").content_hash for frame in frames}
    assert len(hashes) == len(frames)


def test_missing_column_says_which_are_there(tmp_path: Path) -> None:
    refused(
        tmp_path,
        "movies",
        movies().drop(columns="genres"),
        r"movies.parquet has no column 'genres'; its columns are 'split', 'id', 'rating'",
    )


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("id", "one", "column 'id' has the wrong type; it must hold int64"),
        ("text", 7, "column 'text' has the wrong type; it must hold text"),
        ("genres", "Drama", "column 'genres' has the wrong type"),
        ("sentiment", 1, "column 'sentiment' has the wrong type"),
    ],
)
def test_wrong_type(tmp_path: Path, column: str, value: object, message: str) -> None:
    refused(tmp_path, "movies", movies().assign(**{column: value}), message)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("text", " \t\n", "column 'text' is blank in row 3"),
        ("text", "", "column 'text' is blank in row 3"),
        ("text", None, "column 'text' has no value in row 3"),
        ("sentiment", None, "column 'sentiment' has no value in row 3"),
        ("sentiment", "meh", "column 'sentiment' has 'meh' in row 3"),
        ("split", "dev", "column 'split' has 'dev' in row 3"),
        ("genres", [1, 2], r"column 'genres'"),
        ("genres", None, r"column 'genres'"),
    ],
)
def test_bad_value_names_its_row(tmp_path: Path, column: str, value: object, message: str) -> None:
    frame = movies()
    if column == "genres":
        frame["genres"] = pd.Series([value] * 4, dtype=object)
    else:
        frame.at[2, column] = value
    refused(tmp_path, "movies", frame, message)


def test_repeated_row_is_refused(tmp_path: Path) -> None:
    frame = movies()
    refused(
        tmp_path, "movies", pd.concat([frame, frame[:1]]), "row 1 repeats the columns 'split', 'sen"
    )


def test_no_rows(tmp_path: Path) -> None:
    refused(tmp_path, "movies", movies()[:0], "has no rows")


def test_tweets_may_be_blank_but_not_all(tmp_path: Path) -> None:
    assert len(saved(tmp_path, "tweets", tweets()).frame) == 3
    refused(tmp_path, "tweets", tweets().assign(text=" "), "text that is not blank")


def test_missing_labels_of_tweets(tmp_path: Path) -> None:
    refused(
        tmp_path, "tweets", tweets().assign(toxic=[0, 1, None]), "'toxic' has no value in row 3"
    )
    refused(tmp_path, "tweets", tweets().assign(toxic=[0, 1, 2]), "'toxic' has 2 in row 3")


def test_missing_folder_or_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="gone does not exist"):
        corpora.load("movies", data_dir=tmp_path / "gone")
    with pytest.raises(
        UserError, match=r"movies.parquet is missing in .*; get it with `python -m harness "
    ):
        corpora.load("movies", data_dir=tmp_path)
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(UserError, match="is not a folder"):
        corpora.load("movies", data_dir=file)


@pytest.mark.parametrize("cut", [0, 10, 400, -20])
def test_unreadable_parquet(tmp_path: Path, cut: int) -> None:
    file = tmp_path / "movies.parquet"
    movies().to_parquet(file)
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(UserError, match="cannot be read as Parquet") as caught:
        corpora.load("movies", data_dir=tmp_path)
    assert "\n" not in str(caught.value)


def test_parquet_with_garbage_inside(tmp_path: Path) -> None:
    file = tmp_path / "movies.parquet"
    movies().to_parquet(file)
    content = bytearray(file.read_bytes())
    content[4:600] = bytes(596)
    file.write_bytes(bytes(content))
    with pytest.raises(UserError):
        corpora.load("movies", data_dir=tmp_path)

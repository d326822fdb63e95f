"""Which pairs a draw has, and that nothing of their groups stands in another part."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data import tasks
from data.corpus import Corpus
from data.duplicates import text_key
from data.errors import UserError
from data.minimal_pairs import MOST, held_by, pairs_of, spared
from data.quotas import Sizes
from data.rows import Rows, Splits
from data.splits import Pool, draw_splits

REAL = Path(__file__).parents[2] / ".." / "shared" / "data"


def parts(splits: Splits) -> list[Rows]:
    return [splits.training.train, splits.training.valid, splits.evaluation]


def reviews(films: int = 60) -> Corpus:
    """Films of two genres in both splits, ten reviews each; every third film has a rewriting."""
    frame = pd.DataFrame(
        [
            {
                "split": split,
                "id": 100 * film + number,
                "sentiment": "pos" if number % 2 else "neg",
                "movie_id": f"{split}{film}",
                "genres": ("Drama",) if film % 2 else ("Horror",),
                "text": f"Review {number} <br /><br />of film {film} in {split}",
            }
            for split in ("train", "test")
            for film in range(films)
            for number in range(10)
        ]
    )
    rewritten = pd.DataFrame(
        [
            {"pair": film, "sentiment": sentiment, "text": f"REVIEW 1 of film {film} in train{end}"}
            for film in range(0, films, 3)
            for sentiment, end in (("positive", ""), ("negative", " and it is bad"))
        ]
    )
    # Nothing was rewritten here but the case.
    rewritten.loc[1, "text"] = rewritten.loc[0, "text"].lower()
    pairs = Corpus("counterfactual", "local", rewritten, "none", "nobody")
    return Corpus("movies", "local", frame, "none", "nobody", pairs=pairs)


def films_shared(splits: Splits, pairs: object) -> int:
    texts = {text_key(text) for text in pairs.rows.texts}  # type: ignore[attr-defined]
    film = {text.partition("film ")[2] for text in texts}
    return sum(text.partition("film ")[2] in film for part in parts(splits) for text in part.texts)


def test_films_of_rewritten_reviews_stand_in_no_other_part() -> None:
    task, corpus = tasks.find("movies"), reviews()
    sizes = Sizes(60, 30, 10)
    drawn = task.draw(corpus, seed=0, sizes=sizes)
    assert isinstance(drawn, Splits)
    pairs = drawn.pairs
    assert pairs is not None
    assert len(pairs.flipped) == 19
    assert set(pairs.flipped.tolist()) == {0}
    assert np.array_equal(pairs.rows.labels["genre"][pairs.first],
                          pairs.rows.labels["genre"][pairs.second])  # fmt: skip
    assert films_shared(drawn, pairs) == 0
    # Before: without the rule they stand there.
    before = task.draw(replace(corpus, pairs=None), seed=0, sizes=sizes)
    assert isinstance(before, Splits)
    assert before.pairs is None
    assert films_shared(before, pairs) > 0


def test_every_draw_has_the_same_pairs() -> None:
    task, corpus = tasks.find("movies"), reviews()
    ids = {
        task.draw(corpus, seed=seed, correlation=rho, sizes=Sizes(60, 30, 10)).pairs.rows.ids
        for seed, rho in ((0, 0.5), (1, 0.7), (2, 0.85))
    }
    assert len(ids) == 1


def test_training_keeps_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without being spared, pairs would take half of the films and nothing could be drawn."""
    task, corpus = tasks.find("movies"), reviews()
    sizes = Sizes(216, 40, 10)
    drawn = task.draw(corpus, seed=0, correlation=0.85, sizes=sizes)
    assert isinstance(drawn, Splits)
    assert drawn.pairs is not None
    assert 0 < len(drawn.pairs.flipped) < 19
    pool = task.pool(corpus)
    every = task.pairs(corpus, pool, Sizes(4, 4, 10))
    with pytest.raises(UserError, match="more are of groups with minimal pairs"):
        draw_splits(pool, "movies", correlation=0.85, seed=0, sizes=sizes, pairs=every)
    monkeypatch.setattr("data.minimal_pairs.MOST", 5)
    assert len(task.pairs(corpus, pool, sizes).flipped) == 5


def test_no_row_has_a_text_of_a_pair(make_rows) -> None:  # type: ignore[no-untyped-def]
    rows = make_rows((2, 2), [40] * 4)
    two = make_rows((2, 2), [1, 0, 1, 0], texts=["Text  NUMBER 3", "other"], groups=[-1, -1])
    pairs = pairs_of(two, ["x", "x"])
    assert np.flatnonzero(held_by(pairs, rows)).tolist() == [3]
    assert not held_by(None, rows).any()
    grouped = replace(rows, groups=rows.groups // 2)
    assert np.flatnonzero(held_by(pairs, grouped)).tolist() == [2, 3]
    pool, sizes = Pool.without_official_split(grouped), Sizes(60, 20, 10)
    drawn = draw_splits(pool, "made", correlation=0.5, seed=0, sizes=sizes, pairs=pairs)
    assert drawn.pairs is pairs
    assert not {"r2", "r3"} & {name for part in parts(drawn) for name in part.ids}


@pytest.mark.parametrize("name", ["movies", "tweets"])
def test_embedded_pairs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISENTANGLE_DATA", raising=False)
    task = tasks.find(name)
    corpus = task.load(None)
    bare = replace(corpus, pairs=None)
    assert corpus.content_hash != bare.content_hash
    drawn = task.draw(corpus, seed=0)
    assert isinstance(drawn, Splits)
    pairs = drawn.pairs
    assert pairs is not None
    assert np.bincount(pairs.flipped).tolist() == [200, 200]
    assert set(pairs.rows.take(pairs.first[:200]).cell_counts().values()) == {50}
    assert len(task.draw(corpus, seed=0, sizes=Sizes(96, 32, 30)).pairs.flipped) == 60
    # Pairs are texts of their own: the draw is what it was without them.
    plain = task.draw(bare, seed=0)
    assert isinstance(plain, Splits)
    assert [part.ids for part in parts(plain)] == [part.ids for part in parts(drawn)]


def own(tmp_path: Path, changes: dict[int, str] | None = None) -> Path:
    lines = ["text,mood,topic,film,pair"]
    lines += [f"text {i},m{i % 2},t{i // 2 % 2},f{i // 4}," for i in range(160)]
    lines += [f"kept {k} {m},m{m},t{k % 2},g{k},p{k}" for k in range(6) for m in (0, 1)]
    for row, line in (changes or {}).items():
        lines[row] = line
    file = tmp_path / "own.csv"
    file.write_text("\n".join(lines))
    return file


@pytest.mark.parametrize("group", [None, "film"])
def test_a_column_of_ones_own_names_pairs(tmp_path: Path, group: str | None) -> None:
    # One more row of the film of a pair.
    file = own(tmp_path, {1: "text 0,m0,t0,g0,"})
    task = tasks.find("data", data=file, aspects=("mood", "topic"), pair="pair", group=group)
    corpus = task.load(None)
    drawn = task.draw(corpus, correlation=0.5, seed=0)
    assert isinstance(drawn, Splits)
    assert drawn.pairs is not None
    assert drawn.pairs.flipped.tolist() == [0] * 6
    assert not any("kept" in text for part in parts(drawn) for text in part.texts)
    assert len(set(drawn.pairs.groups.tolist())) == 6
    held = held_by(drawn.pairs, task.pool(corpus).rows)
    assert held.sum() == 12 + (group is not None)
    assert "13 more are" in drawn.left_out if group else "12 more are" in drawn.left_out
    plain = tasks.find("data", data=file, aspects=("mood", "topic"), group=group)
    assert "pair" not in plain.settings
    assert task.settings == {**plain.settings, "pair": "pair"}
    assert task.identity(corpus) != plain.identity(plain.load(None))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({161: "kept,m1,t0,g0,p0"}, "the rows of the pair 'p0' differ in no aspect"),
        (
            {161: "kept,m0,t1,g0,p0"},
            "the pair 'p0' differ in mood and topic; they must differ in o",
        ),
        ({161: "kept 0 1,m0,t0,g0,p0"}, "the rows of the pair 'p0' have one text"),
        ({161: "kept,m0,t0,g9,p0"}, "the rows of the pair 'p0' are of two groups"),
        ({161: "kept,m0,t0,g0,p9"}, "the pair 'p9' has one row; name it in two, or in none"),
        ({row: f"{row},m0,t0,g0," for row in range(161, 173)}, "'pair' is blank throughout"),
    ],
)
def test_bad_pairs(tmp_path: Path, changes: dict[int, str], message: str) -> None:
    file = own(tmp_path, changes)
    task = tasks.find("data", data=file, aspects=("mood", "topic"), pair="pair", group="film")
    with pytest.raises(UserError, match=message) as caught:
        task.draw(task.load(None), correlation=0.5, seed=0)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("pair", "message"), [("mood", "'mood' is named for two"), ("twin", "no column 'twin'")]
)
def test_bad_columns_of_pairs(tmp_path: Path, pair: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        tasks.find("data", data=own(tmp_path), aspects=("mood", "topic"), pair=pair).load(None)


def test_nothing_is_left_where_every_row_is_in_a_pair(tmp_path: Path) -> None:
    lines = [f"text {i},m{i % 2},t{i // 2 % 2},p{i // 2}" for i in range(80)]
    (tmp_path / "own.csv").write_text("\n".join(["text,mood,topic,pair", *lines]))
    task = tasks.find("data", data=tmp_path / "own.csv", aspects=("mood", "topic"), pair="pair")
    with pytest.raises(UserError, match=r"has 0 rows .*\(20 more are of groups with minimal pairs"):
        task.draw(task.load(None), correlation=0.5, seed=0)


def test_pairs_of_real_reviews() -> None:
    """How many originals are found, how many films leave, and what is left to train on."""
    if not (REAL / "counterfactual.parquet").is_file():
        pytest.skip("the real corpora are not at ../shared/data")
    task = tasks.find("movies")
    corpus = task.load(REAL)
    assert corpus.pairs is not None
    pool = task.pool(corpus)
    every = {text_key(text.replace("<br />", " ")) for text in corpus.frame["text"]}
    frame = corpus.pairs.frame
    found = [text_key(text.replace("<br />", " ")) in every for text in frame["text"]]
    assert frame["pair"][found].nunique() == 2439
    pairs = task.pairs(corpus, pool, task.local_sizes)
    assert pairs is not None
    assert len(pairs.flipped) == MOST
    films = set(pairs.groups.tolist())
    assert len(films) == 247
    held = held_by(pairs, pool.rows)
    left = pool.rows.take(np.flatnonzero(pool.training & ~held)).cell_counts()
    assert left["positive-horror"] >= 650
    assert left["negative-horror"] >= 1500
    assert not held[pool.evaluation].any()
    for rho in (0.5, 0.85, 0.95):
        drawn = task.draw(corpus, correlation=rho, seed=1)
        assert isinstance(drawn, Splits)
        assert len(drawn.training.train) > 2200
        for part in parts(drawn):
            assert not films & set(part.groups.tolist())


def test_no_more_pairs_than_are_wanted(make_rows) -> None:  # type: ignore[no-untyped-def]
    rows = make_rows((2, 2), [MOST, 0, MOST, 0], groups=[*range(MOST), *range(MOST)])
    pairs = pairs_of(rows, [str(group) for group in rows.groups])
    nothing = np.zeros(len(rows), dtype=bool)
    assert len(spared(pairs, rows, nothing, Sizes()).flipped) == MOST
    more = pairs_of(replace(rows, groups=np.zeros(len(rows), dtype=np.int64)),
                    [str(group) for group in rows.groups])  # fmt: skip
    assert len(spared(more, rows, nothing, Sizes()).flipped) == MOST

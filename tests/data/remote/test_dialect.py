"""Dialect inference on documents with known mixtures."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import UserError
from data.remote.dialect import DialectModel, Floats, infer_shares, read_word_table
from data.remote.tweet_words import words_of


def simulate(
    *, documents: int, length: int, words: int = 400, seed: int = 0
) -> tuple[DialectModel, list[str], Floats]:
    """Documents of a known model, and the share of their words that each topic truly wrote."""
    rng = np.random.default_rng(seed)
    phi = rng.dirichlet(np.full(words, 0.1), size=4)
    model = DialectModel(tuple(f"w{i}" for i in range(words)), phi.T * 1e6)
    texts, truth = [], np.zeros((documents, 4))
    for row, theta in enumerate(rng.dirichlet(np.ones(4), size=documents)):
        topics = rng.choice(4, size=length, p=theta)
        truth[row] = np.bincount(topics, minlength=4) / length
        texts.append(" ".join(f"w{rng.choice(words, p=phi[topic])}" for topic in topics))
    return model, texts, truth


def test_recovers_the_mixture_of_simulated_tweets() -> None:
    model, texts, truth = simulate(documents=400, length=40)
    shares = model.infer(texts)
    error = np.abs(shares - truth).mean()
    assert error < 0.06
    # Control: likelihoods alone, without the other words of the tweet, are worse by far.
    alone = np.array(
        [model.likelihoods[[model.word_ids[w] for w in t.split()]].mean(axis=0) for t in texts]
    )
    assert error < 0.8 * np.abs(alone - truth).mean()
    shuffled = DialectModel(model.words, model.counts[::-1])
    assert np.abs(shuffled.infer(texts) - truth).mean() > 0.15


def test_longer_tweets_are_known_better() -> None:
    errors = []
    for length in (5, 80):
        model, texts, truth = simulate(documents=300, length=length)
        errors.append(np.abs(model.infer(texts) - truth).mean())
    assert errors[1] < 0.6 * errors[0]


likelihood_rows = st.lists(
    st.lists(st.floats(1e-6, 1.0), min_size=4, max_size=4), min_size=1, max_size=12
)


@settings(max_examples=60, deadline=None)
@given(rows=likelihood_rows, scale=st.floats(1e-3, 1e3), seed=st.integers(0, 10))
def test_invariants_of_inference(rows: list[list[float]], scale: float, seed: int) -> None:
    document = np.array(rows)[None]
    shares = infer_shares(document, 1.0, sweeps=300)
    assert shares.sum() == pytest.approx(1.0)
    assert shares.min() >= 0
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(rows))
    np.testing.assert_allclose(infer_shares(document[:, order], 1.0, sweeps=300), shares, atol=1e-4)
    topics = rng.permutation(4)
    renamed = infer_shares(document[:, :, topics], 1.0)
    np.testing.assert_allclose(renamed, infer_shares(document, 1.0)[:, topics], atol=1e-9)
    np.testing.assert_allclose(infer_shares(document * scale, 1.0, sweeps=300), shares, atol=1e-9)
    padded = np.concatenate([document, np.zeros((1, 3, 4))], axis=1)
    np.testing.assert_allclose(infer_shares(padded, 1.0, sweeps=300), shares, atol=1e-9)


def test_equals_a_plain_implementation_word_by_word() -> None:
    rng = np.random.default_rng(3)
    documents = [rng.random((length, 4)) ** 3 for length in (1, 2, 7, 15)]
    padded = np.zeros((4, 15, 4))
    expected = np.zeros((4, 4))
    for row, words in enumerate(documents):
        padded[row, : len(words)] = words
        q = words / words.sum(axis=1, keepdims=True)
        for _, i in itertools.product(range(4), range(len(words))):
            others = np.delete(q, i, axis=0).sum(axis=0)
            q[i] = words[i] * (others + 0.5)
            q[i] /= q[i].sum()
        expected[row] = q.mean(axis=0)
    np.testing.assert_allclose(infer_shares(padded, 0.5), expected, atol=1e-12)


def test_more_prior_pulls_to_the_middle() -> None:
    document = np.array([[[0.7, 0.1, 0.1, 0.1]] * 6])
    spread = [float(np.ptp(infer_shares(document, alpha))) for alpha in (0.1, 1.0, 100.0)]
    assert spread == sorted(spread, reverse=True)
    assert infer_shares(np.full((1, 5, 4), 0.2), 1.0) == pytest.approx(np.full((1, 4), 0.25))


def test_tweet_without_enough_known_words_has_no_posterior() -> None:
    model = DialectModel(("hi", "yo"), np.array([[9.0, 1, 1, 1], [1, 1, 1, 9]]))
    expected = {
        "": True,
        "unheard of": True,
        "hi a b c": False,
        "hi a b c d e": True,
        "YO yo!": False,
        "@hi #yo http://hi.yo": True,
        "@a @b @c @d @e yo": True,
        "@user @user @user @user @user yo": False,
    }
    missing = np.isnan(model.infer(list(expected))).all(axis=1)
    assert dict(zip(expected, missing.tolist(), strict=True)) == expected
    assert model.infer(["yo"])[0].argmax() == 3


def test_tweets_do_not_influence_each_other() -> None:
    model, texts, _ = simulate(documents=30, length=9)
    together = model.infer([*texts, "w1", "nothing"])
    alone = np.vstack([model.infer([text]) for text in texts])
    np.testing.assert_allclose(together[: len(texts)], alone, atol=1e-12)


@pytest.mark.parametrize(
    ("tweet", "words"),
    [
        ("He ain't goin NOWHERE!!", ["he", "ain't", "goin", "nowhere", "!!"]),
        ("RT @Some_One: so...what?!", ["rt", "@some_one", ":", "so", "...", "what", "?!"]),
        ("see http://t.co/Ab1?x=2 #GoodDay", ["see", "http://t.co/ab1?x=2", "#goodday"]),
        ("a &amp; b &lt;3 &#128514;", ["a", "&", "b", "<3", "😂"]),
        ("me😉 lol :) at 10:30, 50% s/o", ["me😉", "lol", ":)", "at", "10:30", ",", "50%", "s/o"]),
        ("“quoted” 'word'", ["“", "quoted", "”", "'", "word", "'"]),
        (" \n\t", []),
    ],
)
def test_words_of_a_tweet(tweet: str, words: list[str]) -> None:
    assert words_of(tweet) == words


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_words_keep_every_visible_character(tweet: str) -> None:
    import html

    plain = html.unescape(html.unescape(tweet)).lower()
    assert "".join(words_of(tweet)) == "".join(plain.split())
    assert all(word and not any(c.isspace() for c in word) for word in words_of(tweet))


def write_table(folder: Path, counts: str, vocabulary: str) -> tuple[Path, Path]:
    paths = folder / "counts.txt", folder / "words.txt"
    paths[0].write_text(counts, encoding="utf-8")
    paths[1].write_text(vocabulary, encoding="utf-8")
    return paths


def test_word_table_is_read(tmp_path: Path) -> None:
    paths = write_table(tmp_path, "1\t2\t3\t4\n5\t6.5\t7\t8\n", "900\thi\n-1\tOOV\n")
    model = read_word_table(*paths)
    assert model.words == ("hi", "OOV")
    assert model.counts[1].tolist() == [5, 6.5, 7, 8]


@pytest.mark.parametrize(
    ("counts", "vocabulary", "message"),
    [
        ("1\t2\t3\t4\n", "9\ta\n8\tb\n", "not 2 words by 4"),
        ("1\t2\t3\n", "9\ta\n", "not 1 words by 4"),
        ("<html>\n", "9\ta\n", "cannot read the word table"),
        ("1\t2\t-3\t4\n", "9\ta\n", "negative or infinite"),
    ],
)
def test_word_table_of_another_form_is_refused(
    tmp_path: Path, counts: str, vocabulary: str, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        read_word_table(*write_table(tmp_path, counts, vocabulary))

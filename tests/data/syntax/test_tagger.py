"""Tags of plain text: context decides between tags, and endings speak for unknown words."""

import os
from pathlib import Path

import pytest

from data import corpora
from data.errors import UserError
from data.syntax.tagger import Tagger
from data.syntax.words import with_words, words_of

Sentence = tuple[tuple[str, ...], tuple[str, ...]]

SENTENCES: list[Sentence] = [
    (("the", "walk", "ended"), ("DT", "NN", "VBD")),
    (("they", "walk", "home"), ("PRP", "VBP", "NN")),
    (("the", "dog", "barked"), ("DT", "NN", "VBD")),
    (("they", "see", "Paris"), ("PRP", "VBP", "NNP")),
    (("the", "singer", "waited"), ("DT", "NN", "VBD")),
] * 3


def test_a_word_of_two_tags_is_told_by_its_neighbours() -> None:
    tagger = Tagger(SENTENCES)
    assert tagger(("the", "walk", "barked")) == ("DT", "NN", "VBD")
    assert tagger(("they", "walk", "home")) == ("PRP", "VBP", "NN")
    assert tagger(()) == ()


def test_unknown_words_are_told_by_their_endings() -> None:
    tagger = Tagger(SENTENCES)
    assert "zonked" not in tagger.lexicon
    assert tagger(("the", "dog", "zonked")) == ("DT", "NN", "VBD")


def test_without_sentences_there_is_no_tagger() -> None:
    with pytest.raises(UserError, match="no tagged sentence"):
        Tagger([])


def test_generated_sentences_are_tagged_as_the_grammar_has_them() -> None:
    frame = corpora.find("ewt").embedded(1).frame
    train, dev = (frame[frame["split"] == part] for part in ("train", "dev"))
    tagger = Tagger(list(zip(train["tokens"], train["xpos"], strict=True)))
    right = [
        tag == found
        for words, tags in zip(dev["tokens"], dev["xpos"], strict=True)
        for tag, found in zip(tags, tagger(words), strict=True)
    ]
    assert sum(right) / len(right) > 0.98


@pytest.mark.slow
def test_real_sentences_are_mostly_tagged_right() -> None:
    folder = os.environ.get(corpora.DATA_DIR_VARIABLE)
    if not folder or not (Path(folder) / "ewt.parquet").exists():
        pytest.skip(f"{corpora.DATA_DIR_VARIABLE} names no folder with ewt.parquet")
    frame = corpora.load("ewt", data_dir=Path(folder)).frame
    train, dev = (frame[frame["split"] == part] for part in ("train", "dev"))
    tagger = Tagger(list(zip(train["tokens"], train["xpos"], strict=True)))
    right = [
        tag == found
        for words, tags in zip(dev["tokens"], dev["xpos"], strict=True)
        for tag, found in zip(tags, tagger(words), strict=True)
    ]
    assert sum(right) / len(right) > 0.9


def test_words_keep_their_places() -> None:
    text = "The man's well-known dog didn't wait, 3.5 hours..."
    places = words_of(text)
    assert [word.text for word in places] == [
        "The", "man", "'s", "well", "-", "known", "dog", "did", "n't", "wait", ",", "3.5", "hours",
        "...",
    ]  # fmt: skip
    assert all(text[word.start : word.end] == word.text for word in places)
    assert with_words(text, places, tuple(word.text for word in places)) == text
    upper = with_words(text, places, tuple(word.text.upper() for word in places))
    assert upper == text.upper()

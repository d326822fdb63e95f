"""Sentences of the same syntax with other content words."""

from collections import Counter

import numpy as np
import pytest

from data import corpora
from data.syntax.counterparts import CONTENT_TAGS, Counterparts, frequent_words, replaceable
from data.syntax.tagger import Tagger
from data.syntax.words import words_of


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    frame = corpora.find("ewt").embedded(1).frame
    return Tagger(list(zip(frame["tokens"], frame["xpos"], strict=True)))


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return corpora.find("captions").embedded(1).frame["text"].tolist()


def test_counterparts_have_the_tags_and_none_of_the_content_words(
    tagger: Tagger, texts: list[str]
) -> None:
    counterparts = Counterparts(tagger, frequent_words(tagger.lexicon, texts))
    random = np.random.default_rng(0)
    made = 0
    for text in texts[:120]:
        counterpart = counterparts.draw(text, random)
        if counterpart is None:
            continue
        made += 1
        old = [word.text for word in words_of(text)]
        new = [word.text for word in words_of(counterpart)]
        tags = tagger(old)
        assert tagger(new) == tags
        content = {i for i, t in enumerate(tags) if t in CONTENT_TAGS and replaceable(old[i])}
        assert not {new[i].lower() for i in content} & {word.lower() for word in old}
        assert len({new[i].lower() for i in content}) == len(content)
        kept = [i for i in range(len(old)) if i not in content]
        # A and an follow the word behind them, everything else stays.
        assert all(old[i] == new[i] or old[i].lower() in ("a", "an") for i in kept)
        assert all(old[i][0].isupper() == new[i][0].isupper() for i in content)
    assert made > 100


def test_words_are_drawn_by_their_frequency(tagger: Tagger) -> None:
    corpus = ["lantern"] * 6 + ["anchor"] * 3 + ["shovel"]
    counterparts = Counterparts(tagger, frequent_words(tagger.lexicon, [*corpus, "paint", "find"]))
    random = np.random.default_rng(0)
    drawn: Counter[str] = Counter()
    for _ in range(600):
        found = counterparts.draw("The basket.", random)
        assert found is not None
        drawn[words_of(found)[1].text] += 1
    shares = {word: count / 600 for word, count in drawn.items()}
    assert shares == pytest.approx({"lantern": 0.6, "anchor": 0.3, "shovel": 0.1}, abs=0.06)


def test_the_filter_refuses_words_that_change_the_tags(tagger: Tagger) -> None:
    random = np.random.default_rng(0)
    # A preposition in the place of a noun, and a noun.
    assert Counterparts(tagger, {"NN": (["in"], [1.0])}).draw("The anchor.", random) is None
    found = Counterparts(tagger, {"NN": (["lantern"], [1.0])}).draw("The anchor.", random)
    assert found == "The lantern."


def test_nothing_to_replace_or_nothing_to_replace_it_with_gives_none(tagger: Tagger) -> None:
    random = np.random.default_rng(0)
    counterparts = Counterparts(tagger, frequent_words(tagger.lexicon, ["lantern"]))
    assert counterparts.draw("There it is.", random) is None
    assert counterparts.draw("The lantern.", random) is None


def test_articles_follow_the_new_word(tagger: Tagger) -> None:
    counterparts = Counterparts(tagger, frequent_words(tagger.lexicon, ["anchor"]))
    found = counterparts.draw("A lantern.", np.random.default_rng(0))
    assert found is not None
    assert found == "An anchor."

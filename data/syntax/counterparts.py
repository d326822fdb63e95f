"""Sentences of the same syntax with other content: every content word replaced by one of its tag.

This makes x2 of a triplet (Zhang et al. 2021, section 4.3). Penn Treebank tags tell part of speech,
number and tense, so a word of the same tag keeps all three.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from data.generator.morphology import article
from data.syntax.tagger import TagCounts, Tagger
from data.syntax.words import Word, with_words, words_of

CONTENT_TAGS = frozenset(
    {"NN", "NNS", "NNP", "NNPS", "CD", "JJ", "JJR", "JJS"}
    | {"VB", "VBD", "VBG", "VBN", "VBP", "VBZ"}
)

_FUNCTION_WORDS = """
be am is are was were been being 's 're 'm have has had having 've do does did doing done let get
gets got going other same such many much few several more most less least one own front top side
lot kind
"""

FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
"""Words that build sentences though their tags are those of content words; they stay.

Copulas and auxiliaries, quantifiers, and nouns of compound prepositions such as `in front of`.
"""

CERTAIN = 0.8
"""Share of a word's occurrences that must have the tag it is to stand in for."""

ATTEMPTS = 6
"""Draws for one sentence before it is given up."""

WeightedWords = tuple[Sequence[str], Sequence[float]]


def frequent_words(lexicon: TagCounts, texts: Iterable[str]) -> dict[str, WeightedWords]:
    """For each content tag its words in lower case, each weighing how often the corpus has it.

    `lexicon`: says which words have which tag nearly always. `texts`: of the corpus.
    """
    counts = Counter(word.text.lower() for text in texts for word in words_of(text))
    by_tag: dict[str, dict[str, float]] = {tag: {} for tag in CONTENT_TAGS}
    for word, count in sorted(counts.items()):
        seen = lexicon.get(word)
        if seen is None or not replaceable(word):
            continue
        tag = max(sorted(seen), key=seen.__getitem__)
        # Half an occurrence of doubt: a word seen once is not yet certain.
        if tag in by_tag and seen[tag] / (seen.total() + 0.5) >= CERTAIN:
            by_tag[tag][word] = float(count)
    return {tag: (tuple(found), tuple(found.values())) for tag, found in by_tag.items()}


class Counterparts:
    """Draws sentences of the same tags with other content words.

    `tagger`: tags sentences, and says whether a new one kept its tags. `words`: for each tag the
    words to draw from, as `frequent_words` gives them.
    """

    def __init__(self, tagger: Tagger, words: Mapping[str, WeightedWords]) -> None:
        self._tagger, self._words = tagger, words

    def draw(self, text: str, random: np.random.Generator) -> str | None:
        """A counterpart, or None where no draw kept the tags or a word has no other of its tag.

        Every content word is replaced, by words that are neither in the text nor drawn twice.
        """
        places = words_of(text)
        tags = self._tagger([place.text for place in places])
        chosen = tuple(
            number
            for number, (place, tag) in enumerate(zip(places, tags, strict=True))
            if tag in CONTENT_TAGS and replaceable(place.text)
        )
        if not chosen:
            return None
        there = {place.text.lower() for place in places}
        options = {n: self._options(tags[n], there) for n in chosen}
        if any(not words for words, _ in options.values()):
            return None
        for _ in range(ATTEMPTS):
            words = _replaced(places, options, random)
            if words is not None and self._tagger(words) == tags:
                return with_words(text, places, words)
        return None

    def _options(self, tag: str, there: set[str]) -> tuple[tuple[str, ...], NDArray[np.float64]]:
        """Words of a tag that the text does not have, and their cumulative shares."""
        words, weights = self._words.get(tag, ((), ()))
        kept = [(w, x) for w, x in zip(words, weights, strict=True) if w not in there]
        total = np.cumsum([x for _, x in kept], dtype=np.float64)
        return tuple(w for w, _ in kept), total / total[-1] if len(total) else total


def replaceable(word: str) -> bool:
    """Whether a word can be content: of two letters or more, and no function word."""
    return len(word) > 1 and word.isalpha() and word.lower() not in FUNCTION_WORDS


def _replaced(
    places: Sequence[Word],
    options: dict[int, tuple[tuple[str, ...], NDArray[np.float64]]],
    random: np.random.Generator,
) -> tuple[str, ...] | None:
    words = [place.text for place in places]
    for number, (candidates, shares) in options.items():
        word = candidates[int(np.searchsorted(shares, random.random(), side="right"))]
        if word in words:
            return None
        words[number] = word
    for number, following in enumerate(words[1:]):
        if words[number].lower() in ("a", "an") and number + 1 in options:
            words[number] = article(following)
    return tuple(_cased(word, place) for word, place in zip(words, places, strict=True))


def _cased(word: str, place: Word) -> str:
    """The word with a capital where the text had one."""
    return word[0].upper() + word[1:] if place.text[:1].isupper() else word

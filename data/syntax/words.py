"""Texts cut into words as the Penn Treebank does, with their places."""

import re
from typing import NamedTuple

_WORD = re.compile(
    r"\w+(?=n[’']t\b)|n[’']t\b|[’'](?:s|re|ve|ll|d|m)\b|\d+(?:[.,:]\d+)*|[^\W\d_]+|\.\.\.|\S",
    re.IGNORECASE,
)


class Word(NamedTuple):
    """Characters [start, end) of a text."""

    text: str
    start: int
    end: int


def words_of(text: str) -> tuple[Word, ...]:
    """The words, marks and clitics of a text in order; parts of hyphenated words stand alone."""
    return tuple(Word(m.group(), m.start(), m.end()) for m in _WORD.finditer(text))


def with_words(text: str, places: tuple[Word, ...], words: tuple[str, ...]) -> str:
    """The text with other words in these places, and everything between them as it was."""
    parts, end = [], 0
    for place, word in zip(places, words, strict=True):
        parts += [text[end : place.start], word]
        end = place.end
    return "".join([*parts, text[end:]])

"""From trees to text: spacing, articles, capitals, quotation marks, and the spans of the cues."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from data.generator.grammar import Leaf, Node
from data.generator.morphology import article

_CLOSING = frozenset({",", ".", "!", "?", ":", ";", "...", "'s", ">>"})
_ENDING = frozenset({".", "!", "?"})
_QUOTES = {"<<": '"', ">>": '"'}


class Span(NamedTuple):
    """Characters [start, end) of a text that carry a cue.

    `value` is the class that the words suggest by themselves. `misleading` says that the text as a
    whole was written for another class of the factor: the cue is negated, conceded, quoted.
    """

    start: int
    end: int
    factor: str
    value: str
    strength: int
    misleading: bool


class Text(NamedTuple):
    """A text and the spans of its cues, in the order of their starts."""

    text: str
    spans: tuple[Span, ...]


def realise(sentences: Sequence[Node], classes: Mapping[str, str]) -> Text:
    """Write the sentences down as one text.

    `sentences`: one tree a sentence. `classes`: the class of each factor for which the text was
    written.
    """
    writer = _Writer(classes)
    for sentence in sentences:
        writer.capital = True
        writer.write(sentence, tuple(leaf.text for leaf in sentence.leaves()), 0)
    return Text("".join(writer.parts), tuple(sorted(writer.spans)))


def unseen(compose: Callable[[], Text], seen: set[str]) -> Text:
    """The first text composed that is not among those `seen`, which it joins."""
    text = compose()
    while text.text in seen:
        text = compose()
    seen.add(text.text)
    return text


def spans_to_json(spans: Sequence[Span]) -> str:
    """A JSON list of `[start, end, factor, class, strength, misleading]`."""
    return json.dumps([list(span) for span in spans])


class _Writer:
    def __init__(self, classes: Mapping[str, str]) -> None:
        self.parts: list[str] = []
        self.spans: list[Span] = []
        self.capital = True
        self._classes = classes
        self._length = 0
        self._glue = True

    def write(self, node: Node, words: tuple[str, ...], position: int) -> int:
        """Add a node, whose words are those of the sentence from a position on; where they end."""
        marks = len(self.parts)
        before = self._length
        for child in node.children:
            if isinstance(child, Leaf):
                following = words[position + 1] if position + 1 < len(words) else ""
                self._leaf(child.text, following)
                position += 1
            else:
                position = self.write(child, words, position)
        if node.cue is not None and self._length > before:
            blank = self.parts[marks].startswith(" ")
            factor, value, strength = node.cue
            misleading = self._classes[factor] != value
            self.spans.append(
                Span(before + blank, self._length, factor, value, strength, misleading)
            )
        return position

    def _leaf(self, word: str, following: str) -> None:
        shown = _QUOTES.get(word, word)
        if word in ("a", "A"):
            shown = article(following)
            shown = shown.capitalize() if word == "A" else shown
        if "_" in shown and not shown.startswith("@"):
            shown = shown.replace("_", " ")
        if self.capital and any(map(str.isalpha, shown)):
            if not shown.startswith(("@", "#")):
                at = next(i for i, letter in enumerate(shown) if letter.isalpha())
                shown = shown[:at] + shown[at].upper() + shown[at + 1 :]
            self.capital = False
        if not self._glue and word not in _CLOSING:
            shown = " " + shown
        self.parts.append(shown)
        self._length += len(shown)
        self._glue = word == "<<"
        self.capital |= word in _ENDING

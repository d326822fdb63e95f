"""Part-of-speech tags for plain text, from a corpus of tagged sentences.

A hidden Markov model of tag pairs: small, deterministic, and without a download. Tags of unknown
words follow from their endings and their looks (Brants 2000, TnT, sections 2.2 and 2.3).
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from data.errors import UserError

Floats = NDArray[np.float64]

SUFFIX = 4
"""Letters of an ending that are looked at, at most."""

RARE = 5
"""Words seen no more often than this stand for unknown ones."""

PROPER = ("NNP", "NNPS")
SMALL = -4.0
"""Added to the log probability of a proper noun where the word has no capital."""

SMOOTHING = 0.1
"""Added to every count of a tag pair."""


TagCounts = Mapping[str, Counter[str]]
"""How often each word, in lower case, had each tag."""


class Tagger:
    """The likeliest row of tags under a model of tag pairs.

    `sentences`: words and tags of each sentence. UserError where there is no sentence.
    """

    def __init__(self, sentences: Sequence[tuple[Sequence[str], Sequence[str]]]) -> None:
        lexicon: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for words, tags in sentences:
            for word, tag in zip(words, tags, strict=True):
                lexicon[word.lower()][tag] += 1
        self.lexicon: TagCounts = dict(lexicon)
        self.tags = tuple(sorted({tag for _, tags in sentences for tag in tags}))
        if not self.tags:
            raise UserError("there is no tagged sentence to learn tags from; give one or more")
        position = {tag: number for number, tag in enumerate(self.tags)}
        size = len(self.tags)
        # The last row is what a sentence begins with, the last column what it ends with.
        pairs = np.full((size + 1, size + 1), SMOOTHING)
        for _, tags in sentences:
            codes = [size, *(position[tag] for tag in tags), size]
            np.add.at(pairs, (codes[:-1], codes[1:]), 1)
        self._moves: Floats = np.log(pairs / pairs.sum(axis=1, keepdims=True))
        self._prior = np.zeros(size)
        self._known: dict[str, Floats] = {}
        for seen in self.lexicon.values():
            self._prior += self._row(seen, position)
        self._prior /= self._prior.sum()
        self._small = np.array([SMALL if tag in PROPER else 0.0 for tag in self.tags])
        self._endings = self._learned_endings(position)
        for word, seen in self.lexicon.items():
            row = self._row(seen, position)
            if seen.total() <= RARE:
                # It may well have other tags too: its ending speaks for one occurrence more.
                row = row + self._unknown(word)
            self._known[word] = self._emission(row / row.sum())

    def __call__(self, words: Sequence[str]) -> tuple[str, ...]:
        """The tag of each word."""
        if not words:
            return ()
        size = len(self.tags)
        scores = self._moves[size, :size] + self._seen(words[0])
        back = np.zeros((len(words), size), dtype=np.int64)
        for position, word in enumerate(words[1:], start=1):
            through = scores[:, None] + self._moves[:size, :size]
            back[position] = through.argmax(axis=0)
            scores = through.max(axis=0) + self._seen(word)
        best = [int((scores + self._moves[:size, size]).argmax())]
        for position in range(len(words) - 1, 0, -1):
            best.append(int(back[position, best[-1]]))
        return tuple(self.tags[code] for code in reversed(best))

    def _row(self, seen: Mapping[str, int], position: Mapping[str, int]) -> Floats:
        row = np.zeros(len(self.tags))
        for tag, count in seen.items():
            row[position[tag]] = count
        return row

    def _seen(self, word: str) -> Floats:
        known = self._known.get(word.lower())
        row = self._emission(self._unknown(word)) if known is None else known
        return row + self._small if word.islower() else row

    def _emission(self, share: Floats) -> Floats:
        """log p(word | tag) but for a constant of the word, from p(tag | word)."""
        emission: Floats = np.log(np.maximum(share, 1e-12) / np.maximum(self._prior, 1e-12))
        return emission

    def _learned_endings(self, position: Mapping[str, int]) -> Mapping[str, Floats]:
        endings: defaultdict[str, Floats] = defaultdict(lambda: np.zeros(len(self.tags)))
        for word, seen in self.lexicon.items():
            if seen.total() <= RARE:
                for ending in _endings(word):
                    endings[ending] += self._row(seen, position)
        return dict(endings)

    def _unknown(self, word: str) -> Floats:
        """p(tag | ending): longer endings smoothed by shorter ones."""
        share = self._prior
        for ending in reversed(_endings(word.lower())):
            counts = self._endings.get(ending)
            if counts is not None:
                share = (counts + 2 * share) / (counts.sum() + 2)
        return share


def _endings(word: str) -> list[str]:
    """Endings of a word from the longest to the shortest, with its looks beside them."""
    looks = "9" if any(c.isdigit() for c in word) else "a" if word.isalpha() else "-"
    longest = min(SUFFIX, len(word))
    return [f"{looks}{word[len(word) - n :]}" for n in range(longest, -1, -1)]

"""The nearest things to labels that triplets have, for methods that need some.

Of syntax: how often a sentence has each part of speech. Of semantics: which of the most frequent
content words it has. Both can be counted in any text; neither is the aspect itself.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from data.syntax.counterparts import CONTENT_TAGS, replaceable
from data.syntax.tagger import Tagger
from data.syntax.words import words_of
from data.triplets import Floats

CONTENT_WORDS = 48
"""How many content words are counted: about as many as there are parts of speech."""


def proxies_of(texts: Sequence[str], tagger: Tagger) -> tuple[Floats, Floats]:
    """Numbers that stand for the meaning and for the syntax of texts.

    Gives float64 [n, at most CONTENT_WORDS], 1 where a text has one of the most frequent content
    words; and float64 [n, tags], how often it has each tag. Columns that never vary are left out.
    """
    words = [tuple(word.text for word in words_of(text)) for text in texts]
    tags = [tagger(row) for row in words]
    content = [
        {w.lower() for w, t in zip(row, ts, strict=True) if t in CONTENT_TAGS and replaceable(w)}
        for row, ts in zip(words, tags, strict=True)
    ]
    counts = Counter(word for row in content for word in sorted(row))
    frequent = [word for word, _ in counts.most_common(CONTENT_WORDS)]
    semantics = np.array([[word in row for word in frequent] for row in content], dtype=np.float64)
    syntax = np.array([[row.count(tag) for tag in tagger.tags] for row in tags], dtype=np.float64)
    return _varying(semantics), _varying(syntax)


def _varying(columns: Floats) -> Floats:
    kept: Floats = columns[:, np.ptp(columns, axis=0) > 0]
    return kept

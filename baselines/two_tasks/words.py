"""Words of a text by their characters, and spans as BIO tags of words."""

import re
from collections.abc import Iterable, Sequence

from data.tagging import Span

Word = tuple[int, int]
"""Its first character, and the one behind its last."""

_WORD = re.compile(r"\w+|[^\w\s]")


def words_of(text: str) -> list[Word]:
    """Runs of letters and digits, and all else but white space by itself; or the text as one."""
    return [found.span() for found in _WORD.finditer(text)] or [(0, len(text))]


def tags_of(words: Sequence[Word], spans: Iterable[Span], types: Sequence[str]) -> list[int]:
    """The tag of each word, numbered as in `LinearChainCrf`.

    A span covers every word of which it has a character; of overlapping ones the longest stays.
    """
    tags = [0] * len(words)
    for span in sorted(spans, key=lambda span: span.begin - span.end):
        covered = [i for i, (begin, end) in enumerate(words) if begin < span.end > span.begin < end]
        if not any(tags[i] for i in covered):
            for place in covered:
                tags[place] = 2 * types.index(span.type) + 1 + (place > covered[0])
    return tags


def spans_of(words: Sequence[Word], tags: Iterable[int], types: Sequence[str]) -> tuple[Span, ...]:
    """The spans that legal tags stand for, from their first word to their last."""
    found: list[Span] = []
    for (begin, end), tag in zip(words, tags, strict=False):
        if tag % 2:
            found.append(Span(begin, end, types[tag // 2]))
        elif tag:
            found[-1] = found[-1]._replace(end=end)
    return tuple(span for span in found if span.begin < span.end)

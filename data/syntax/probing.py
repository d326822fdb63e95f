"""Labels that probes read: of syntax from trees, tags and dependencies, of content from documents.

The tasks follow Conneau et al. 2018, "What you can cram into a single vector".
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.rows import Aspect, Rows
from data.syntax.trees import depth, read_tree, top_constituents

PAST, PRESENT = frozenset({"VBD"}), frozenset({"VBP", "VBZ"})
SINGULAR, PLURAL = frozenset({"NN", "NNP"}), frozenset({"NNS", "NNPS"})
FINITE = frozenset({"aux", "aux:pass", "cop"})
PUNCTUATION = frozenset({".", ",", ":", "``", "''", "-LRB-", "-RRB-", "HYPH", "NFP", "SYM"})

FEWEST = 20
"""Rows that a class must have to take part."""


@dataclass(frozen=True)
class Analysed:
    """A sentence with its analysis.

    Attributes
    ----------
    text, document, genre : where it stands; probes never part a document.
    tags, heads, relations : one for each word; heads are counted from 1, 0 is the root.
    tree : in bracket notation, or empty where there is none.
    """

    text: str
    document: str
    genre: str
    tags: tuple[str, ...]
    heads: tuple[int, ...]
    relations: tuple[str, ...]
    tree: str = ""


def tense(sentence: Analysed) -> str | None:
    """`past` or `present`, of the root or of its finite auxiliary; None where it has neither."""
    if 0 not in sentence.heads:
        return None
    tags = {sentence.tags[sentence.heads.index(0)], *_tags_at_root(sentence, FINITE)}
    if tags & PAST:
        return "past"
    return "present" if tags & PRESENT else None


def number(sentence: Analysed, relations: frozenset[str]) -> str | None:
    """`singular` or `plural`, of the first word in one of these relations to the root, or None."""
    tag = next(iter(_tags_at_root(sentence, relations)), "")
    return "singular" if tag in SINGULAR else "plural" if tag in PLURAL else None


def _tags_at_root(sentence: Analysed, relations: frozenset[str]) -> list[str]:
    """Tags of the words in one of these relations to the root; none without a root."""
    root = sentence.heads.index(0) + 1 if 0 in sentence.heads else -1
    words = zip(sentence.tags, sentence.heads, sentence.relations, strict=True)
    return [tag for tag, head, relation in words if head == root and relation in relations]


def depths(sentences: Sequence[Analysed]) -> list[str | None]:
    """`shallow` or `deep`: below or above the median tree of as many words, None at the median.

    So the label does not depend on length.
    """
    found = np.array([depth(read_tree(s.tree)) for s in sentences])
    lengths = np.array([len(s.tags) for s in sentences])
    labels: list[str | None] = [None] * len(sentences)
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        median = np.median(found[rows])
        for row in rows:
            if found[row] != median:
                labels[row] = "shallow" if found[row] < median else "deep"
    return labels


def tops(sentences: Sequence[Analysed], classes: int) -> list[str | None]:
    """The most frequent rows of top constituents, marks left out; None for all others."""
    rows = [
        " ".join(
            part for part in top_constituents(read_tree(s.tree)).split() if part not in PUNCTUATION
        )
        for s in sentences
    ]
    frequent = {row for row, _ in Counter(rows).most_common(classes)}
    return [row if row in frequent else None for row in rows]


def probe_rows(
    name: str,
    sentences: Sequence[Analysed],
    labels: Sequence[str | None],
    *,
    per_class: int,
    random: np.random.Generator,
) -> Rows | None:
    """A balanced random sample of the labelled sentences, no text twice.

    Parameters
    ----------
    labels : one for each sentence; None leaves it out.
    per_class : rows of each class, at most; all classes have as many as the scarcest.

    Returns
    -------
    Rows of one aspect, grouped by document, or None where fewer than two classes have `FEWEST`.
    """
    first: dict[str, int] = {}
    for position, (sentence, label) in enumerate(zip(sentences, labels, strict=True)):
        if label is not None:
            first.setdefault(sentence.text.lower(), position)
    by_class: dict[str, list[int]] = {}
    for position in first.values():
        by_class.setdefault(str(labels[position]), []).append(position)
    classes = tuple(sorted(c for c, rows in by_class.items() if len(rows) >= FEWEST))
    if len(classes) < 2:
        return None
    size = min(per_class, *(len(by_class[c]) for c in classes))
    picked = np.concatenate([random.choice(by_class[c], size=size, replace=False) for c in classes])
    codes = np.repeat(np.arange(len(classes), dtype=np.int64), size)
    documents = np.unique([sentences[i].document for i in picked], return_inverse=True)[1]
    return Rows(
        ids=tuple(map(str, picked)),
        texts=tuple(sentences[i].text for i in picked),
        labels={name: codes},
        groups=documents.astype(np.int64),
        aspects=(Aspect(name, classes),),
    )

"""Triplets (x0, x1, x2): x1 says what x0 says, x2 is built as x0 is built."""

from collections.abc import Container, Iterable, Sequence
from pathlib import Path

import numpy as np

from data.errors import UserError
from data.rows import IntArray
from data.syntax.counterparts import Counterparts
from data.syntax.words import words_of
from data.triplets import Triplet
from data.utf8 import read_utf8

Pair = tuple[str, str]


def read_paraphrases(file: Path) -> tuple[Pair, ...]:
    """The pairs in a file: UTF-8, a pair a line, a tab between the two sentences, no header.

    That is the format of ParaNMT-50M (Wieting and Gimpel 2018). Columns after the second, such as
    its score, are not read. Pairs of a sentence with itself are left out.

    UserError where the file cannot be read, a line has one column or a blank sentence, or no
    pair is left.
    """
    pairs = []
    for number, line in enumerate(read_utf8(file).splitlines(), start=1):
        if not line.strip():
            continue
        first, second = ([part.strip() for part in line.split("\t")] + [""])[:2]
        if not first or not second:
            raise UserError(
                f"{file.name}: line {number} is no pair; write two sentences with a tab between"
            )
        if first.lower() != second.lower():
            pairs.append((first, second))
    if not pairs:
        raise UserError(f"{file.name} has no pair of different sentences; give one or more")
    return tuple(dict.fromkeys(pairs))


def caption_pairs(
    texts: Sequence[str], images: IntArray, random: np.random.Generator
) -> Iterable[Pair]:
    """One pair of different captions of each image that has two, images in random order.

    `texts`: n captions. `images`: int64 [n], of which image each is.
    """
    order = np.argsort(images, kind="stable")
    _, starts = np.unique(images[order], return_index=True)
    groups = np.split(order, starts[1:])
    for number in random.permutation(len(groups)):
        different = list(dict.fromkeys(texts[i] for i in groups[number]))
        if len(different) > 1:
            first, second = random.choice(len(different), size=2, replace=False)
            yield different[first], different[second]


def shuffled(pairs: Sequence[Pair], random: np.random.Generator) -> Iterable[Pair]:
    """The pairs in random order, each in a random direction."""
    for number in random.permutation(len(pairs)):
        first, second = pairs[number]
        yield (first, second) if random.random() < 0.5 else (second, first)


def plain(text: str) -> str:
    """A sentence without case and marks, to find it in another spelling."""
    return " ".join(word.text.lower() for word in words_of(text) if word.text[0].isalnum())


def triplets_of(
    pairs: Iterable[Pair],
    counterparts: Counterparts,
    *,
    most: int | None,
    longest: int,
    excluded: Container[str],
    random: np.random.Generator,
) -> tuple[Triplet, ...]:
    """The first triplets that can be made of pairs of paraphrases.

    Parameters
    ----------
    pairs : x0 with x1.
    counterparts : give x2; pairs whose x0 has none are skipped.
    most : how many triplets, at most.
    longest : pairs with a sentence of more characters than this are skipped.
    excluded : pairs with one of these sentences, in the form of `plain`, are skipped.
    """
    found: list[Triplet] = []
    for first, second in pairs:
        if len(found) == most:
            break
        if max(len(first), len(second)) > longest:
            continue
        if plain(first) in excluded or plain(second) in excluded:
            continue
        counterpart = counterparts.draw(first, random)
        if counterpart is not None:
            found.append((first, second, counterpart))
    return tuple(found)

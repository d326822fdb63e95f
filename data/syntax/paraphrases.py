"""A user's own pairs of paraphrases, in the format of ParaNMT-50M (Wieting and Gimpel 2018)."""

from __future__ import annotations

from pathlib import Path

from data.errors import UserError
from data.utf8 import read_utf8

Pair = tuple[str, str]


def read_paraphrases(file: Path) -> tuple[Pair, ...]:
    """The pairs in a file: UTF-8, a pair a line, a tab between the two sentences, no header.

    Columns after the second, such as ParaNMT's score, are not read. Pairs of a sentence with itself
    are left out.

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

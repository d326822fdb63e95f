"""A user's own tagged texts: a CoNLL file, one word a line and a blank line behind each text."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from data.corpus import Corpus
from data.errors import UserError
from data.utf8 import read_utf8

ENDINGS = (".conll", ".iob", ".iob2", ".bio")
"""What the name of such a file ends in."""

_COMMENT = re.compile(r"#.* = |-DOCSTART-")
_TAG = re.compile(r"O|([BI])-(.+)")


def read_conll(file: Path, label: int | None) -> Corpus:
    """The corpus in a CoNLL file: the words of a text joined by blanks, its spans, its label.

    Columns are parted by tabs, or else by blanks. Of those that are not the label's the first is
    the word and the last the tag: `O`, or the type behind `B-` where a span begins and `I-` where
    it goes on.

    Parameters
    ----------
    label : the column of the texts' label, from 1, equal for all words of a text. There are two
        labels, and the last in alphabetical order is class 1. Without it texts with a span are.

    Raises
    ------
    UserError : the file cannot be read or has no texts, or a line, a tag or a label makes no sense.
    """
    rows = []
    for number, lines in _texts(file):
        places = [place for place in range(len(lines[0])) if place + 1 != label]
        if len(places) < 2 or label not in (None, *range(1, len(lines[0]) + 1)):
            raise UserError(
                f"{file.name}: line {number} has {len(lines[0])} columns; a word, a tag and the "
                "column that --label names are needed"
            )
        text, entities = _spans(
            file, number, [(line[places[0]], line[places[-1]]) for line in lines]
        )
        said = {str(int(bool(entities)))} if label is None else {line[label - 1] for line in lines}
        if len(said) > 1:
            raise UserError(
                f"{file.name}: the text from line {number} on has several labels; write the same "
                "one behind each of its words"
            )
        rows.append((text, *said, entities))
    frame = pd.DataFrame(rows, columns=["text", "label", "entities"])
    classes = sorted(set(frame["label"]))
    if len(classes) != 2:
        raise UserError(
            f"{file.name} has {len(classes)} labels and needs two, or without --label texts with "
            "and without tags"
        )
    frame["label"] = (frame["label"] == classes[1]).map({False: "0", True: "1"})
    return Corpus("own", "own", frame, "the user's own data", f"the user's own data {file}")


def _texts(file: Path) -> Iterator[tuple[int, list[list[str]]]]:
    """The number of the first line of each text, and the columns of all of its lines."""
    lines: list[list[str]] = []
    # Other line ends, which `splitlines` knows, may stand within a word.
    for number, line in enumerate([*read_utf8(file).split("\n"), ""], start=1):
        if line.strip() and not _COMMENT.match(line):
            lines.append(line.rstrip("\r").split("\t") if "\t" in line else line.split())
            if len(lines[-1]) != len(lines[0]):
                raise UserError(
                    f"{file.name}: line {number} has {len(lines[-1])} columns and the first line "
                    f"of its text {len(lines[0])}; give all the same"
                )
        elif not line.strip() and lines:
            yield number - len(lines), lines
            lines = []


def _spans(
    file: Path, first: int, tagged: Sequence[tuple[str, str]]
) -> tuple[str, tuple[tuple[int, int, str], ...]]:
    """The text, and its spans as (begin, end, type)."""
    found: list[tuple[int, int, str]] = []
    begin, inside = 0, None
    for place, (word, tag) in enumerate(tagged):
        if (read := _TAG.fullmatch(tag)) is None:
            raise UserError(
                f"{file.name}: line {first + place} has the tag {tag!r}; write O, or B- or I- and "
                "a type"
            )
        letter, kind = read.groups()
        # Without its B- an I- begins a span (IOB1).
        begun = found.pop()[0] if letter == "I" and kind == inside else begin
        if kind:
            found.append((begun, begin + len(word), kind))
        inside = kind
        begin += len(word) + 1
    return " ".join(word for word, _ in tagged), tuple(found)

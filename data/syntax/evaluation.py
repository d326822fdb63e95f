"""What syntax and semantics are measured on: graded pairs, analysed sentences, labels to probe."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.rows import Rows
from data.syntax.probing import Analysed, depths, number, probe_rows, tense, tops
from data.triplets import TripletRows

SUBJECTS = frozenset({"nsubj", "nsubj:pass"})
OBJECTS = frozenset({"obj"})

TOPS = 5
"""Rows of top constituents that a probe distinguishes."""

PER_CLASS = {"genre": 100}
"""Sentences of each class, where they are fewer; there are many genres."""
MOST = 400


@dataclass(frozen=True)
class GradedPairs:
    """Pairs of sentences with a grade of their likeness in meaning, float64 [n]."""

    first: tuple[str, ...]
    second: tuple[str, ...]
    grades: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.first)


@dataclass(frozen=True)
class SyntaxEvaluation:
    """What the harness alone sees.

    Attributes
    ----------
    pairs : corpus to its graded pairs.
    sentences : of documents, with trees, among which neighbours are sought.
    probes : rows of one aspect each.
    triplets : made of sentences that no method has learned from.
    """

    pairs: Mapping[str, GradedPairs]
    sentences: tuple[Analysed, ...]
    probes: tuple[Rows, ...]
    triplets: TripletRows


def graded(frame: pd.DataFrame, grade: str, most: int | None) -> GradedPairs:
    """The pairs of the test part, evenly thinned out to `most`."""
    test = thinned(frame[frame["split"] == "test"], most)
    return GradedPairs(
        tuple(test["sentence1"]), tuple(test["sentence2"]), test[grade].to_numpy(np.float64)
    )


def thinned(frame: pd.DataFrame, most: int | None) -> pd.DataFrame:
    """Rows at even distances, `most` of them, or all."""
    if most is None or len(frame) <= most:
        return frame
    return frame.iloc[np.linspace(0, len(frame) - 1, most).round().astype(int)]


def analysed_documents(frame: pd.DataFrame) -> tuple[Analysed, ...]:
    """The sentences of documents with trees."""
    columns = ("text", "document", "genre", "xpos", "head", "deprel", "tree")
    return tuple(Analysed(*row) for row in zip(*(frame[c] for c in columns), strict=True))


def analysed_test(frame: pd.DataFrame) -> tuple[Analysed, ...]:
    """The test sentences of a tagged corpus; its identifiers end in the number in the document."""
    test = frame[frame["split"] == "test"]
    documents = [f"{identifier.rpartition('-')[0]}" for identifier in test["sent_id"]]
    columns = (test[c] for c in ("genre", "xpos", "head", "deprel"))
    return tuple(Analysed(*row) for row in zip(test["text"], documents, *columns, strict=True))


def probes_of(
    documents: tuple[Analysed, ...], tagged: tuple[Analysed, ...], random: np.random.Generator
) -> tuple[Rows, ...]:
    """What can be probed, each a balanced sample; what has too few sentences is left out.

    Trees and genres are those of the documents; tense and numbers are read from both.
    """
    both = (*documents, *tagged)
    wanted = (
        ("depth", documents, depths(documents)),
        ("top_constituents", documents, tops(documents, TOPS)),
        ("tense", both, [tense(s) for s in both]),
        ("subject_number", both, [number(s, SUBJECTS) for s in both]),
        ("object_number", both, [number(s, OBJECTS) for s in both]),
        ("genre", documents, [s.genre for s in documents]),
    )
    found = (
        probe_rows(name, rows, labels, per_class=PER_CLASS.get(name, MOST), random=random)
        for name, rows, labels in wanted
    )
    return tuple(rows for rows in found if rows is not None)

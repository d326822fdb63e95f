"""A corpus: validated rows of text with where they come from and on what terms."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

import pandas as pd


@dataclass(frozen=True)
class Corpus:
    """Rows of text with named columns.

    Attributes
    ----------
    name : `movies`, `tweets`, or `own` for a user's data whatever they are called.
    source : `embedded`, `local`, `remote` or `own`.
    frame : the validated columns; one row a text.
    licence : terms of use, one line.
    citation : whom to cite, one line.
    pairs : texts in minimal pairs that belong to it, if there are any.
    """

    name: str
    source: str
    frame: pd.DataFrame
    licence: str
    citation: str
    pairs: Corpus | None = None

    @cached_property
    def content_hash(self) -> str:
        """sha256 over all columns and values in row order; equal content gives an equal hash."""
        digest = hashlib.sha256()
        for part in chain.from_iterable(map(self._parts, sorted(self.frame.columns))):
            digest.update(part)
        if self.pairs is not None:
            digest.update(self.pairs.content_hash.encode())
        return digest.hexdigest()

    @cached_property
    def column_hashes(self) -> Mapping[str, str]:
        """sha256 over the name and the values of each column, in row order."""
        return {
            str(column): hashlib.sha256(b"".join(self._parts(column))).hexdigest()
            for column in self.frame.columns
        }

    def _parts(self, column: str) -> Iterator[bytes]:
        values = self.frame[column].tolist()
        for value in (column, len(values), *values):
            kind, text = ("s", value) if isinstance(value, str) else ("r", repr(value))
            content = text.encode("utf-8", "surrogatepass")
            # The length separates values: no text hashes like two.
            yield f"{kind}{len(content)}:".encode()
            yield content


@dataclass(frozen=True)
class SeveralCorpora(Corpus):
    """Corpora that one task needs together; the frame is that of the first.

    `parts`: each corpus by its name.
    """

    parts: Mapping[str, Corpus] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, *corpora: Corpus) -> SeveralCorpora:
        """These corpora under one name."""
        return cls(
            name,
            corpora[0].source,
            corpora[0].frame,
            "; ".join(dict.fromkeys(corpus.licence for corpus in corpora)),
            "; ".join(dict.fromkeys(corpus.citation for corpus in corpora)),
            parts={corpus.name: corpus for corpus in corpora},
        )

    @cached_property
    def content_hash(self) -> str:
        """sha256 over the names and content hashes of all parts."""
        digest = hashlib.sha256()
        for name, corpus in sorted(self.parts.items()):
            digest.update(f"{name}:{corpus.content_hash}\n".encode())
        return digest.hexdigest()

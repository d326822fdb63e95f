"""A corpus: validated rows of text with where they come from and on what terms."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd


@dataclass(frozen=True)
class Corpus:
    """Rows of text with named columns.

    Attributes
    ----------
    name : `movies`, `tweets`, or the stem of a CSV file.
    source : `embedded`, `local`, `remote` or `csv`.
    frame : the validated columns; one row a text.
    licence : terms of use, one line.
    citation : whom to cite, one line.
    """

    name: str
    source: str
    frame: pd.DataFrame
    licence: str
    citation: str

    @cached_property
    def content_hash(self) -> str:
        """sha256 over all columns and values in row order; equal content gives an equal hash."""
        digest = hashlib.sha256()
        for column in sorted(self.frame.columns):
            values = self.frame[column].tolist()
            for value in (column, len(values), *values):
                kind, text = ("s", value) if isinstance(value, str) else ("r", repr(value))
                content = text.encode("utf-8", "surrogatepass")
                # The length separates values: no text hashes like two.
                digest.update(f"{kind}{len(content)}:".encode())
                digest.update(content)
        return digest.hexdigest()


@dataclass(frozen=True)
class SeveralCorpora(Corpus):
    """Corpora that one task needs together; the frame is that of the first.

    Attributes
    ----------
    parts : each corpus by its name.
    """

    parts: Mapping[str, Corpus]

    @classmethod
    def of(cls, name: str, *corpora: Corpus) -> SeveralCorpora:
        """These corpora under one name."""
        return cls(
            name,
            corpora[0].source,
            corpora[0].frame,
            "; ".join(dict.fromkeys(corpus.licence for corpus in corpora)),
            "; ".join(dict.fromkeys(corpus.citation for corpus in corpora)),
            {corpus.name: corpus for corpus in corpora},
        )

    @cached_property
    def content_hash(self) -> str:
        """sha256 over the names and content hashes of all parts."""
        digest = hashlib.sha256()
        for name, corpus in sorted(self.parts.items()):
            digest.update(f"{name}:{corpus.content_hash}\n".encode())
        return digest.hexdigest()

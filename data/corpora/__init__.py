"""Corpora behind one interface: one class a corpus, found by reading this folder."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from data.discovery import declared, pick

if TYPE_CHECKING:
    from data.corpora.source import CorpusSource
    from data.corpus import Corpus

DATA_DIR_VARIABLE = "DISENTANGLE_DATA"
"""The environment variable that names a data folder where none is given."""

EMBEDDED_SEED = 20_240
"""The embedded corpora are the same for every trial: their seed is not the trial's."""

PLACE = Path(__file__).parent, __name__


def find(name: str) -> CorpusSource:
    """The definition of a corpus; UnknownNameError where there is no such corpus."""
    source: CorpusSource = pick("corpus", name, declared(PLACE)).load()()
    return source


def load(name: str, *, data_dir: Path | None = None) -> Corpus:
    """The corpus from a data folder where there is one, and else the embedded one.

    Parameters
    ----------
    name : of the corpus.
    data_dir : a folder of Parquet files; by default what DISENTANGLE_DATA names.

    Raises
    ------
    UserError : the corpus is unknown, missing in the folder, or not valid.
    """
    named = os.environ.get(DATA_DIR_VARIABLE)
    folder = data_dir if data_dir is not None else Path(named) if named else None
    return _embedded(name) if folder is None else find(name).local(folder)


@cache
def _embedded(name: str) -> Corpus:
    """Generating takes seconds, and gives the same each time."""
    return find(name).embedded(EMBEDDED_SEED)

"""Whether likeness in meaning is still seen: the STS benchmark, which nobody trains on."""

import os
from pathlib import Path

import numpy as np

from data import corpora
from data.corpus import Corpus
from data.syntax.evaluation import GradedPairs, graded
from harness.evaluation.retention.centring import Vectors
from harness.evaluation.syntax.similarity import cosines, pearson

STS = "stsb"


def sts_corpus(data_dir: Path | None) -> Corpus | None:
    """The STS benchmark, or None where the data folder has none.

    `data_dir` is as `data.corpora.load` takes it; without any folder the pairs are generated.
    UserError where the file is there and not valid.
    """
    folder = data_dir or os.environ.get(corpora.DATA_DIR_VARIABLE)
    if folder and not (Path(folder) / f"{STS}.parquet").is_file():
        return None
    return corpora.load(STS, data_dir=data_dir)


def sts_pairs(corpus: Corpus) -> GradedPairs:
    """The test pairs of the STS benchmark."""
    return graded(corpus.frame, "score", None)


def sentences(pairs: GradedPairs) -> tuple[str, ...]:
    """All first sentences, and after them all second ones."""
    return (*pairs.first, *pairs.second)


def likeness(pairs: GradedPairs, vectors: Vectors) -> float:
    """Pearson's correlation of grades with cosines of the vectors, all first ones before second."""
    first, second = np.split(np.asarray(vectors, dtype=np.float32), 2)
    return pearson(cosines(first, second), pairs.grades)

"""Tasks of tagging: a label for each text and typed spans of its characters, learned together."""

from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.corpora.conll import ENDINGS, read_conll
from data.corpus import Corpus
from data.errors import UserError
from data.quotas import Sizes
from data.rows import IntArray
from data.tagging import Span, TaggedRows, TaggingDraw, TaggingTask
from data.tasks.task import Task, joined

PARTS = 5, 10
"""Of a user's texts one in so many serves evaluation, and one in so many validation."""


class SpansTask(Task):
    """Texts with a label and spans, of which training, validation and evaluation are drawn.

    The columns text, label (`0` or `1`) and entities (tuples of begin, end and type) are read.
    """

    kind = "tagging"

    @abstractmethod
    def held_out(self, frame: pd.DataFrame, random: np.random.Generator) -> NDArray[np.bool_]:
        """bool [n]: the rows that serve evaluation alone."""

    def types(self, frame: pd.DataFrame) -> tuple[str, ...]:
        """The types of spans that are learned and scored, sorted; by default all there are."""
        return tuple(sorted({kind for row in frame["entities"] for _, _, kind in row}))

    def drawn(self, corpus: Corpus, correlation: float, seed: int, sizes: Sizes) -> TaggingDraw:
        """Of each part as many texts as asked, or all where there are fewer.

        Of equal texts one stays, for evaluation where one of them is held out.
        """
        random = np.random.default_rng([seed])
        held = self.held_out(corpus.frame, random)
        order = np.argsort(~held, kind="stable")
        kept = order[~corpus.frame["text"].iloc[order].duplicated().to_numpy()]
        mixed = random.permutation(kept)
        evaluation, others = mixed[held[mixed]], mixed[~held[mixed]]
        valid, train = np.split(others, [sizes.valid or 0])
        types = self.types(corpus.frame)

        def rows(chosen: IntArray, size: int | None) -> TaggedRows:
            frame = corpus.frame.iloc[np.sort(chosen[:size])]
            spans = [
                tuple(Span(*entity) for entity in sorted(row) if entity[2] in types)
                for row in frame["entities"]
            ]
            labels = np.asarray(frame["label"] == "1", dtype=np.int64)
            return TaggedRows(tuple(frame["text"]), labels, tuple(spans))

        training = TaggingTask(self.name, types, rows(train, sizes.train), rows(valid, None))
        return TaggingDraw(training, rows(evaluation, sizes.evaluation_per_cell))


class Profner(SpansTask):
    """Does a post name an occupation (7a), and where (7b)? The validation part is evaluated on.

    Two of four types are scored, as in the shared task, though the label is 1 for any of them.
    """

    name = "profner"
    corpus = "profner"
    local_sizes: ClassVar[Sizes] = Sizes(train=5400, valid=600)
    embedded_sizes: ClassVar[Sizes] = Sizes(train=620, valid=100)

    def types(self, frame: pd.DataFrame) -> tuple[str, ...]:
        return ("PROFESION", "SITUACION_LABORAL")

    def held_out(self, frame: pd.DataFrame, random: np.random.Generator) -> NDArray[np.bool_]:
        return (frame["split"] == "valid").to_numpy()


class TaggedData(SpansTask):
    """A label and typed spans in a CoNLL file of your own; parts are drawn at random."""

    name = "tagged-data"
    corpus = "own"

    @dataclass(frozen=True)
    class Options:
        """The file, and the column of the labels, as `data.corpora.conll.read_conll` takes it."""

        data: str | Path = ""
        label: int | None = None

    def __init__(self, options: Options | None = None) -> None:
        super().__init__(options)
        if not str(self.options.data).lower().endswith(ENDINGS):
            raise UserError(
                f"the task tagged-data needs a file that ends in {', '.join(ENDINGS)}; give it as "
                "--data FILE"
            )
        label = [] if self.options.label is None else [f"label-{self.options.label}"]
        self.name = joined("tagged", Path(self.options.data).stem, *label)

    @property
    def settings(self) -> dict[str, Any]:
        """The column; the content hash of the corpus stands for the file."""
        return {"label": self.options.label}

    def identity(self, corpus: Corpus) -> str:
        """A hash of the content."""
        return f"tagged-{corpus.content_hash[:16]}"

    def load(self, data_dir: Path | None) -> Corpus:
        """The corpus of the file; a folder of real corpora plays no part."""
        return read_conll(Path(self.options.data), self.options.label)

    def default_sizes(self, corpus: Corpus) -> Sizes:
        return Sizes(len(corpus.frame), max(len(corpus.frame) // PARTS[1], 1))

    def held_out(self, frame: pd.DataFrame, random: np.random.Generator) -> NDArray[np.bool_]:
        return random.permutation(len(frame)) < len(frame) // PARTS[0]

"""What methods read of a sentence with two entities: vectors of the frozen backbone."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from data.mentions import Mentions, MentionTask
from harness.contract.choices import check_choices
from harness.contract.clusterer import ClusterArray, Clusterer
from harness.contract.stored import StoredLearner, Tensors
from harness.encoders.encoding import frozen_vectors
from harness.encoders.spans import span_vectors
from harness.system.progress import Progress

Floats = NDArray[np.float32]

EXCHANGE_SEED = 11
"""Of the sentences that pairs are put into, the same for all methods."""

LEAST_SPREAD = 1e-3
"""Of the median deviation: a unit that varies less is dead, and is not blown up."""


@dataclass(frozen=True)
class ReadingSettings:
    """What is read, and into how many clusters it is put.

    Attributes
    ----------
    max_tokens : texts are cut to this many tokens.
    relations : clusters at most; ten as in the released code, whatever the corpus has.
    reads : `sentence`, the means of the token vectors in head, tail and between them; `names`, the
        words of either entity, encoded alone; or `types`, the words of their types.
    other_sentences : each pair of entities is put into the sentence of another pair, as
        `Mentions.in_other_sentences` does, for learning and for evaluation.
    """

    max_tokens: int = 96
    relations: int = 10
    reads: Literal["sentence", "names", "types"] = "sentence"
    other_sentences: bool = False

    def __post_init__(self) -> None:
        check_choices(self)


class MentionReader(StoredLearner, Clusterer):
    """Puts rows into clusters by standardised vectors; a subclass says how."""

    Settings: ClassVar[type[Any]] = ReadingSettings

    def supports(self, task: MentionTask) -> str | None:
        untyped = self.settings.reads == "types" and not task.train.types
        return "the corpus has no types of entities" if untyped else None

    def learn(self, task: MentionTask, *, seed: int, progress: Progress) -> None:
        vectors = self.vectors(task.train)
        self._scaling = scaling_of(vectors)
        self.group(scaled(vectors, self._scaling), task, seed=seed, progress=progress)

    @abstractmethod
    def group(self, vectors: Floats, task: MentionTask, *, seed: int, progress: Progress) -> None:
        """Learn from the training rows, whose standardised vectors are [n, width]."""

    @abstractmethod
    def assigned(self, vectors: Floats) -> ClusterArray:
        """The cluster of each of the standardised vectors, [n, width]."""

    def clusters(self, rows: Mentions) -> ClusterArray:
        self.check_ready()
        if not len(rows):
            return np.zeros(0, dtype=np.int64)
        return self.assigned(scaled(self.vectors(rows), self._scaling)).astype(np.int64)

    def vectors(self, rows: Mentions) -> Floats:
        """float32 [n, width]: what is read of the rows."""
        settings = self.settings
        if settings.reads != "sentence":
            return self.words(rows.types if settings.reads == "types" else rows.names)
        if settings.other_sentences:
            rows = rows.in_other_sentences(EXCHANGE_SEED)
        spans = [(*both, (min(b for _, b in both), max(a for a, _ in both))) for both in rows.spans]
        return span_vectors(self.backbone, rows.texts, spans, settings.max_tokens)

    def words(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """float32 [n, 2 width]: vectors of the words of head and tail, each encoded alone."""
        place = {words: at for at, words in enumerate(sorted({w for pair in pairs for w in pair}))}
        found = frozen_vectors(self.backbone, tuple(place), self.settings.max_tokens)
        return np.hstack([found[[place[pair[side]] for pair in pairs]] for side in (0, 1)])

    def extras(self) -> Tensors:
        return {"scaling": torch.from_numpy(self._scaling)}

    def restore(self, tensors: Tensors) -> None:
        self._scaling = tensors["scaling"].numpy()


def scaling_of(vectors: Floats) -> Floats:
    """float32 [2, width]: mean and deviation of each column, for `scaled`."""
    spread = vectors.std(axis=0)
    least = max(float(np.median(spread)) * LEAST_SPREAD, float(np.finfo(np.float32).tiny))
    return np.stack([vectors.mean(axis=0), np.maximum(spread, least)])


def scaled(vectors: Floats, scaling: Floats) -> Floats:
    """float32 [n, width], standardised."""
    return np.asarray((vectors - scaling[0]) / scaling[1], dtype=np.float32)

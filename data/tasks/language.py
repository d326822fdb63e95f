"""Tasks of language modelling: training, validation and evaluation texts, no aspects."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from data.corpus import Corpus
from data.errors import UserError
from data.quotas import Sizes
from data.tasks.task import Task
from data.texts import TextDraw, TextTask

PARTS = ("train", "valid", "evaluation")


class LanguageTask(Task):
    """Texts of a corpus, of which training, validation and evaluation texts are drawn.

    A subclass says in `pools` which texts may serve which part. A text that stands in several
    pools serves the last of them alone, so that no training text is evaluated on.
    """

    kind = "language"
    local_sizes: ClassVar[Sizes] = Sizes(train=20_000, valid=500, evaluation_per_cell=1000)
    embedded_sizes: ClassVar[Sizes] = Sizes(train=600, valid=100, evaluation_per_cell=150)

    @abstractmethod
    def pools(self, corpus: Corpus) -> Mapping[str, Sequence[str]]:
        """The texts that may serve each of `PARTS`, in the order of the corpus."""

    def draw(
        self,
        corpus: Corpus,
        *,
        correlation: float | None = None,
        seed: int,
        sizes: Sizes | None = None,
    ) -> TextDraw:
        """One draw: of each part as many texts as asked, or all where there are fewer.

        Parameters
        ----------
        correlation : none but 0, as texts without aspects have no cells.

        Raises
        ------
        UserError : a correlation is asked for, or a part would be empty.
        """
        if correlation:
            raise UserError(
                f"{self.name} has no aspects and so no correlation; leave --correlation out"
            )
        wanted = self.default_sizes(corpus) if sizes is None else sizes
        counts = (wanted.train, wanted.valid, wanted.evaluation_per_cell)
        pools = distinct(self.pools(corpus))
        random = np.random.default_rng([seed])
        drawn = {}
        for part, count in zip(PARTS, counts, strict=True):
            pool = pools[part]
            if not pool:
                raise UserError(f"{self.name}: {corpus.name} has no {part} texts; give some")
            size = min(len(pool) if count is None else count, len(pool))
            chosen = np.sort(random.choice(len(pool), size=size, replace=False))
            drawn[part] = tuple(pool[i] for i in chosen)
        training = TextTask(self.name, drawn["train"], drawn["valid"])
        return TextDraw(training, drawn["evaluation"])


def distinct(pools: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Each text once within its pool, and in the last of the pools that have it."""
    taken: set[str] = set()
    kept: dict[str, tuple[str, ...]] = {}
    for part in reversed(PARTS):
        kept[part] = tuple(text for text in dict.fromkeys(pools[part]) if text not in taken)
        taken.update(kept[part])
    return kept


def official(corpus: Corpus) -> dict[str, Sequence[str]]:
    """The pools of a corpus with columns split (train, valid, test) and text."""
    names = {"train": "train", "valid": "valid", "evaluation": "test"}
    frame = corpus.frame
    return {
        part: frame.loc[frame["split"] == name, "text"].tolist() for part, name in names.items()
    }

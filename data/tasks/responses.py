"""Tasks of one-to-many text: a context, and the several responses that people gave it."""

from collections.abc import Mapping
from typing import ClassVar

import pandas as pd

from data.corpus import Corpus
from data.quotas import Sizes
from data.responses import Contexts, ResponseDraw, ResponseTask
from data.tasks.language import PARTS, chosen, part_of
from data.tasks.task import Task


class ResponsesTask(Task):
    """Contexts of a corpus with their responses; the sizes of a draw count contexts.

    A subclass says in `pools` which contexts may serve which part.
    """

    kind = "responses"
    local_sizes: ClassVar[Sizes] = Sizes(train=4_000, valid=200, evaluation_per_cell=300)
    embedded_sizes: ClassVar[Sizes] = Sizes(train=240, valid=40, evaluation_per_cell=60)

    def pools(self, corpus: Corpus) -> Mapping[str, Contexts]:
        """The contexts that may serve each part, in the order of the corpus."""
        raise NotImplementedError

    def drawn(self, corpus: Corpus, correlation: float, seed: int, sizes: Sizes) -> ResponseDraw:
        """Of each part as many contexts as asked, or all where there are fewer.

        A context that stands in several parts serves the last of them alone.
        UserError where a part would be empty.
        """
        pools = self.pools(corpus)
        texts = {part: pool.texts for part, pool in pools.items()}
        drawn = chosen(texts, sizes, seed, whose=f"{self.name}: {corpus.name}")
        train, valid, evaluation = (pools[part].of(drawn[part]) for part in PARTS)
        return ResponseDraw(ResponseTask(self.name, train, valid), evaluation)


class CaptionsResponses(ResponsesTask):
    """One caption of an image, and the other captions of it; the official split."""

    name = "captions-responses"
    corpus = "captions"

    def pools(self, corpus: Corpus) -> Mapping[str, Contexts]:
        frame = corpus.frame.sort_values(["image", "caption"], kind="stable")
        pools = {}
        for part, split in zip(PARTS, ("train", "valid", "test"), strict=True):
            images = frame[frame["split"] == split].groupby("image", sort=True)["text"]
            captions = [tuple(dict.fromkeys(texts)) for _, texts in images]
            several = [texts for texts in captions if len(texts) > 1]
            texts = tuple(first for first, *_ in several)
            pools[part] = Contexts(texts, tuple(texts[1:] for texts in several))
        return pools


class Dialogue(ResponsesTask):
    """A turn of a conversation, and the replies that people gave it; split by conversation."""

    name = "dialogue"
    corpus = "dailydialog_multiref"

    def pools(self, corpus: Corpus) -> Mapping[str, Contexts]:
        frame = corpus.frame
        answered = frame[frame["references"].map(len) > 0]
        parts = answered["dialogue"].map(lambda number: part_of(str(number)))
        return {part: _contexts(answered[parts == part]) for part in PARTS}


def _contexts(rows: pd.DataFrame) -> Contexts:
    replies = (tuple(dict.fromkeys(each)) for each in rows["references"])
    return Contexts(tuple(rows["text"]), tuple(replies))

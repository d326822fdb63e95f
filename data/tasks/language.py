"""Tasks of language modelling: training, validation and evaluation texts, no aspects."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
import pandas as pd

from data.corpus import Corpus
from data.errors import UserError
from data.quotas import Sizes
from data.rows import Aspect, IntArray, Rows, TrainingTask
from data.tasks.movies import Movies
from data.tasks.task import Task
from data.texts import LabelledTextTask, TextDraw, TextTask

PARTS = ("train", "valid", "evaluation")

SHARES = {"evaluation": 10, "valid": 5}
"""Hundredths of the distinct sentences that serve evaluation and validation; training has the rest.
"""

FIRST_WORDS = 30
"""Of a film review: as many as a long sentence has."""

VALID_FILMS = 20
"""One training film of so many serves validation."""


class LanguageTask(Task):
    """Texts of a corpus, of which training, validation and evaluation texts are drawn.

    A subclass whose corpus has no official split says in `pools` which texts may serve which part.
    A text in several pools serves the last of them alone, so that no training text is evaluated on.
    `labels` names columns that say what a text is, and `group` the one whose equal values mark
    texts that have their labels from one source; a text's first row counts.
    """

    kind = "language"
    labels: ClassVar[tuple[str, ...]] = ()
    group: ClassVar[str] = ""
    splits: ClassVar[tuple[str, ...]] = ("train", "valid", "test")
    local_sizes: ClassVar[Sizes] = Sizes(train=20_000, valid=500, evaluation_per_cell=1000)
    embedded_sizes: ClassVar[Sizes] = Sizes(train=600, valid=100, evaluation_per_cell=150)

    def frame(self, corpus: Corpus) -> pd.DataFrame:
        """A row a text, with text, split, `labels` and `group`; here all rows of the corpus."""
        return corpus.frame

    def pools(self, corpus: Corpus) -> Mapping[str, Sequence[str]]:
        """The texts that may serve each of `PARTS`, in the order of the corpus.

        Here those of the official parts, `splits`.
        """
        frame = self.frame(corpus)
        splits = zip(PARTS, self.splits, strict=True)
        return {part: frame["text"][frame["split"] == split].tolist() for part, split in splits}

    def drawn(self, corpus: Corpus, correlation: float, seed: int, sizes: Sizes) -> TextDraw:
        """Of each part as many texts as asked, or all where there are fewer.

        UserError where a part would be empty.
        """
        drawn = chosen(self.pools(corpus), sizes, seed, whose=f"{self.name}: {corpus.name}")
        train, valid, evaluation = (drawn[part] for part in PARTS)
        if not self.labels:
            return TextDraw(TextTask(self.name, train, valid), evaluation)
        frame = self.frame(corpus)
        labels = {part: self.labels_of(frame, drawn[part]) for part in PARTS}
        aspects = tuple(
            Aspect(name, tuple(map(str, np.unique(frame[name])))) for name in self.labels
        )
        parts = (_rows(drawn[part], labels[part], aspects) for part in PARTS[:2])
        labelled = TrainingTask(self.name, aspects, 0.0, *parts)
        training = LabelledTextTask(self.name, train, valid, labelled)
        groups = _codes(frame, evaluation, self.group) if self.group else None
        return TextDraw(training, evaluation, labels["evaluation"], labels["train"], groups)

    def labels_of(self, frame: pd.DataFrame, texts: Sequence[str]) -> dict[str, IntArray]:
        """int64 [n] for each of `labels`: places among its sorted values, by a text's first row."""
        return {name: _codes(frame, texts, name) for name in self.labels}


class CaptionsLm(LanguageTask):
    """Language modelling of captions; the official split, no photograph in two parts."""

    name = "captions-lm"
    corpus = "captions"


class PtbLm(LanguageTask):
    """Language modelling of newspaper sentences; the usual split of the Penn Treebank."""

    name = "ptb-lm"
    corpus = "ptb"


class PtbFullLm(PtbLm):
    """The same with every training sentence once, 40,973 of 42,068, for models from scratch."""

    name = "ptb-full-lm"
    local_sizes = Sizes(train=42_068, valid=500, evaluation_per_cell=1000)


class EwtLm(LanguageTask):
    """Language modelling of web text in five genres; the official split."""

    name = "ewt-lm"
    corpus = "ewt"
    labels = ("genre",)
    group = "document"
    splits = ("train", "dev", "test")

    def frame(self, corpus: Corpus) -> pd.DataFrame:
        """All rows, with the names of their documents, which the sentences' names begin with."""
        return corpus.frame.assign(document=corpus.frame["sent_id"].str.rsplit("-", n=1).str[0])


class MoviesLm(LanguageTask):
    """Language modelling of how film reviews begin, 30 words each; films of the task `movies`.

    The official split; one training film in twenty serves validation.
    """

    name = "movies-lm"
    corpus = "movies"
    labels = ("sentiment", "genre")
    group = "film"

    def frame(self, corpus: Corpus) -> pd.DataFrame:
        """The beginnings, their classes, the numbers of their films, and the whole reviews."""
        pool = Movies().pool(corpus)
        rows = pool.rows
        held = np.where(rows.groups % VALID_FILMS == 0, "valid", "train")
        columns = {"text": [" ".join(text.split()[:FIRST_WORDS]) for text in rows.texts]}
        for aspect in rows.aspects:
            columns[aspect.name] = np.array(aspect.classes)[rows.labels[aspect.name]].tolist()
        columns["film"] = rows.groups.tolist()
        columns["split"] = np.where(pool.training, held, "test").tolist()
        columns["review"] = list(rows.texts)
        return pd.DataFrame(columns)


class YelpLm(LanguageTask):
    """Language modelling of short review sentences; duplicates removed, then split by a hash."""

    name = "yelp-lm"
    corpus = "yelp"
    labels = ("sentiment",)

    def pools(self, corpus: Corpus) -> Mapping[str, Sequence[str]]:
        """The parts by a hash of the text, so that equal sentences fall in one part."""
        pools: dict[str, list[str]] = {"train": [], "valid": [], "evaluation": []}
        for text in corpus.frame["text"].tolist():
            pools[part_of(text)].append(text)
        return pools


def _codes(frame: pd.DataFrame, texts: Sequence[str], column: str) -> IntArray:
    """int64 [n]: where each text's value, by its first row, stands among those of the column."""
    values = frame.drop_duplicates("text").set_index("text")[column].loc[list(texts)]
    return np.searchsorted(np.unique(frame[column]), values)


def _rows(
    texts: tuple[str, ...], labels: Mapping[str, IntArray], aspects: tuple[Aspect, ...]
) -> Rows:
    """Texts by their place, each in a group of its own."""
    numbers = np.arange(len(texts))
    return Rows(tuple(map(str, numbers)), texts, labels, numbers, aspects)


def part_of(text: str) -> str:
    """The part that a sentence serves."""
    place = int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:4]) % 100
    for part, share in SHARES.items():
        if place < share:
            return part
        place -= share
    return "train"


def chosen(
    pools: Mapping[str, Sequence[str]], sizes: Sizes, seed: int, *, whose: str
) -> dict[str, tuple[str, ...]]:
    """Of each part as many of its distinct texts as asked, or all where there are fewer.

    Training texts stand in the order of the corpus, the others in random order: a corpus may be
    sorted by class, and some measures read the first texts alone. UserError where a part would be
    empty; `whose` pools they are is for its message.
    """
    random, kept = np.random.default_rng([seed]), distinct(pools)
    counts = (sizes.train, sizes.valid, sizes.evaluation_per_cell)
    found = {}
    for part, count in zip(PARTS, counts, strict=True):
        texts = kept[part]
        if not texts:
            raise UserError(f"{whose} has no {part} texts; give some")
        size = min(len(texts) if count is None else count, len(texts))
        places = random.choice(len(texts), size=size, replace=False)
        found[part] = tuple(texts[i] for i in (np.sort(places) if part == "train" else places))
    return found


def distinct(pools: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Each text once within its pool, and in the last of the pools that have it."""
    taken: set[str] = set()
    kept: dict[str, tuple[str, ...]] = {}
    for part in reversed(PARTS):
        kept[part] = tuple(text for text in dict.fromkeys(pools[part]) if text not in taken)
        taken.update(kept[part])
    return kept

"""Finding relations without labels: sentences with two entities, to be put into clusters."""

import numpy as np
import pandas as pd

from data.corpus import Corpus
from data.errors import UserError
from data.mentions import MentionDraw, Mentions, MentionTask, Span
from data.quotas import Sizes
from data.tasks.labelled import coded
from data.tasks.task import Task


class RelationTask(Task):
    """Sentences of a corpus, drawn at random for learning and for evaluation.

    Relations stand beside evaluation rows alone. Of equal sentences the first stays.
    """

    kind = "clusters"
    embedded_sizes = Sizes(train=1800, valid=200, evaluation_per_cell=600)

    def drawn(self, corpus: Corpus, correlation: float, seed: int, sizes: Sizes) -> MentionDraw:
        """Rows of each part; UserError where the corpus has not as many."""
        frame = corpus.frame.drop_duplicates("tokens", ignore_index=True)
        counts = [sizes.evaluation_per_cell or 0, sizes.valid or 0, sizes.train or 0]
        if sum(counts) > len(frame) or not min(counts):
            raise UserError(
                f"{self.name}: {sum(counts)} rows are asked for, at least one a part, and "
                f"{corpus.name} has {len(frame)} different sentences; ask for fewer"
            )
        order = np.random.default_rng([seed]).permutation(len(frame))
        parts = [np.sort(part) for part in np.split(order, np.cumsum(counts))[:3]]
        evaluation, valid, train = (mentions_of(frame.iloc[part]) for part in parts)
        codes = {name: code for code, name in enumerate(sorted(set(frame["relation"])))}
        gold = coded(frame["relation"].iloc[parts[0]].tolist(), codes)
        return MentionDraw(MentionTask(self.name, train, valid), evaluation, gold, tuple(codes))


class RelationsFewrel(RelationTask):
    """Relations of Wikidata between entities in sentences of Wikipedia (FewRel)."""

    name = "relations-fewrel"
    corpus = "fewrel_wiki"
    local_sizes = Sizes(train=7500, valid=900, evaluation_per_cell=2500)


class RelationsSemeval(RelationTask):
    """Directed semantic relations between nominals (SemEval-2010 task 8)."""

    name = "relations-semeval"
    corpus = "fewrel_semeval"
    local_sizes = Sizes(train=5400, valid=900, evaluation_per_cell=2500)


class RelationsGenerated(RelationTask):
    """Known relations between recurring entities of known types, generated."""

    name = "relations-generated"
    corpus = "facts"


def mentions_of(frame: pd.DataFrame) -> Mentions:
    """The rows of a corpus of relations, words parted by single spaces."""
    places = zip(frame["tokens"], frame["head_positions"], frame["tail_positions"], strict=True)
    ids, types = (
        tuple(zip(frame[f"head_{what}"], frame[f"tail_{what}"], strict=True))
        if f"head_{what}" in frame
        else ()
        for what in ("id", "type")
    )
    spans = tuple((_span(words, head), _span(words, tail)) for words, head, tail in places)
    return Mentions(tuple(map(" ".join, frame["tokens"])), spans, ids, types)


def _span(words: tuple[str, ...], at: tuple[int, ...]) -> Span:
    """The characters from the first to the last of some words."""
    start = sum(len(word) + 1 for word in words[: min(at)])
    return start, start + len(" ".join(words[min(at) : max(at) + 1]))

"""Semantics and syntax of sentences, from triplets without labels."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from data import corpora
from data.corpus import Corpus, SeveralCorpora
from data.errors import UserError
from data.quotas import Sizes
from data.rows import Aspect
from data.syntax import evaluation
from data.syntax.counterparts import Counterparts, frequent_words
from data.syntax.evaluation import SyntaxEvaluation
from data.syntax.proxies import proxies_of
from data.syntax.tagger import Tagger
from data.syntax.triplets import (
    Pair,
    caption_pairs,
    plain,
    read_paraphrases,
    shuffled,
    triplets_of,
)
from data.tasks.task import Task
from data.triplets import TripletRows, TripletTask

SEMANTICS, SYNTAX = "semantics", "syntax"
ASPECTS = (Aspect(SEMANTICS, ()), Aspect(SYNTAX, ()))

CORPORA = ("captions", "ewt", "stsb", "sick", "gum")

LONGEST = 160
"""Characters of a training sentence, at most."""

HELD_OUT_TRIPLETS = 400
"""Triplets that are evaluated on, where no number is asked."""

TURNS = 10


@dataclass(frozen=True)
class SyntaxDraw:
    """Triplets to learn from, and what the harness alone evaluates on."""

    training: TripletTask
    evaluation: SyntaxEvaluation


class Syntax(Task):
    """Semantics and syntax of sentences, from triplets (sentence, paraphrase, same syntax).

    Paraphrases are captions of one image, or the pairs of a user's file. The sentence of the same
    syntax has other content words of the same tags, drawn by frequency. Evaluation is on graded
    pairs (STS-B and SICK, test parts) and on sentences with trees (GUM).
    """

    name = "syntax"
    kind = "triplets"
    corpus = "captions"
    local_sizes = Sizes(train=3000, valid=400)
    embedded_sizes = Sizes(train=240, valid=30, evaluation_per_cell=400)

    @dataclass(frozen=True)
    class Options:
        """`paraphrases`: a file for `read_paraphrases`, whose pairs take the place of captions."""

        paraphrases: str | Path = ""

    def __init__(self, options: Options | None = None) -> None:
        super().__init__(options)
        self._pairs: tuple[Pair, ...] = ()
        if str(self.options.paraphrases):
            file = Path(self.options.paraphrases)
            self._pairs = read_paraphrases(file)
            self.name = f"syntax-{re.sub(r'[^A-Za-z0-9_.-]+', '-', file.stem)}"

    @property
    def settings(self) -> dict[str, Any]:
        """The hash of the pairs stands for the file."""
        if not self._pairs:
            return {}
        return {"paraphrases": hashlib.sha256(repr(self._pairs).encode()).hexdigest()}

    def identity(self, corpus: Corpus) -> str:
        """The task's name, without that of a file of paraphrases: their hash is in the settings."""
        return type(self).name

    def load(self, data_dir: Path | None) -> SeveralCorpora:
        """The captions with the corpora that give tags and that are evaluated on."""
        found = (corpora.load(name, data_dir=data_dir) for name in CORPORA)
        return SeveralCorpora.of(type(self).name, *found)

    def drawn(self, corpus: Corpus, correlation: float, seed: int, sizes: Sizes) -> SyntaxDraw:
        """Triplets of each part, and what is evaluated on.

        UserError where the paraphrases do not give as many triplets.
        """
        assert isinstance(corpus, SeveralCorpora)
        random = np.random.default_rng([seed, len(self.identity(corpus))])
        frames = {name: part.frame for name, part in corpus.parts.items()}
        ewt, captions = frames["ewt"], frames["captions"]
        tagged = ewt[ewt["split"] == "train"]
        tagger = Tagger(list(zip(tagged["tokens"], tagged["xpos"], strict=True)))
        # The words of the corpus of paraphrases are drawn by their frequency in it.
        own = [text for pair in self._pairs for text in pair]
        counted = own or captions["text"][captions["split"] == "train"].tolist()
        counterparts = Counterparts(tagger, frequent_words(tagger.lexicon, counted))
        most = sizes.evaluation_per_cell
        graded_pairs = {
            "stsb": evaluation.graded(frames["stsb"], "score", most),
            "sick": evaluation.graded(frames["sick"], "relatedness", most),
        }
        documents = evaluation.analysed_documents(evaluation.thinned(frames["gum"], most))
        # Some of the graded pairs are captions of the same collection.
        texts = (t for pairs in graded_pairs.values() for t in (*pairs.first, *pairs.second))
        excluded = {*map(plain, texts), *(plain(sentence.text) for sentence in documents)}

        def rows(part: str, count: int | None, least: int) -> TripletRows:
            triplets = triplets_of(
                self._paraphrases(captions, part, random),
                counterparts,
                most=count,
                longest=LONGEST,
                excluded=excluded,
                random=random,
            )
            if len(triplets) < least:
                raise UserError(
                    f"{self.name}: the paraphrases give {len(triplets)} triplets for {part}, and "
                    f"{count or 1} are asked for (pairs with over {LONGEST} characters, with a "
                    "sentence of the evaluation, or without another sentence of the same syntax "
                    "are left out); give more pairs, or ask for fewer"
                )
            texts = [text for column in zip(*triplets, strict=True) for text in column]
            semantics, syntax = proxies_of(texts, tagger)
            return TripletRows(triplets, {SEMANTICS: semantics, SYNTAX: syntax})

        train = rows("train", sizes.train, sizes.train or 1)
        if self._pairs:
            # Pairs of a file may share sentences; captions are parted by image before.
            excluded.update(map(plain, train.texts))
        valid = rows("valid", sizes.valid, 1)
        excluded.update(map(plain, (*train.texts, *valid.texts)))
        test = rows("test", most or HELD_OUT_TRIPLETS, 1)
        probes = evaluation.probes_of(documents, evaluation.analysed_test(ewt), random)
        return SyntaxDraw(
            TripletTask(self.name, ASPECTS, train, valid),
            SyntaxEvaluation(graded_pairs, documents, probes, test),
        )

    def _paraphrases(
        self, captions: pd.DataFrame, part: str, random: np.random.Generator
    ) -> Iterable[Pair]:
        """The pairs of one part, in random order."""
        if self._pairs:
            # Every tenth pair is for validation, and the next one for evaluation.
            turns = {"valid": (0,), "test": (1,)}.get(part, tuple(range(2, TURNS)))
            chosen = [pair for n, pair in enumerate(self._pairs) if n % TURNS in turns]
            return shuffled(chosen, random)
        there = captions[captions["split"] == part]
        return caption_pairs(there["text"].tolist(), there["image"].to_numpy(np.int64), random)

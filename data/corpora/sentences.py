"""Corpora of sentences: captions, news, reviews, templates, graded pairs, turns and replies."""

from __future__ import annotations

from typing import Any

import pandas as pd

from data.corpora.source import NUMBER, TEXT, CorpusSource, Rule, must_be, one_of, within
from data.generator.clauses import FACTORS, clauses

EMBEDDED_IMAGES = 400
EMBEDDED_PAIRS = 360
EMBEDDED_TUPLES = 12
EMBEDDED_TURNS = 400


def _texts(lists: pd.Series[Any]) -> pd.Series[bool]:
    return lists.map(lambda row: all(isinstance(text, str) for text in row))


def _without_blanks(row: Any) -> Any:
    return tuple(r for r in row if r is None or str(r).strip()) if isinstance(row, tuple) else row


class Captions(CorpusSource):
    """Five independent English captions of each image: Multi30k, task 2."""

    name = "captions"
    licence = "Flickr30K terms: non-commercial research, no redistribution"
    citation = (
        "Elliott et al. 2016, Multi30K: multilingual English-German image descriptions, VL; "
        "Young et al. 2014, From image descriptions to visual denotations, TACL 2"
    )
    columns = {
        "split": one_of("train", "valid", "test"),
        "image": NUMBER,
        "caption": NUMBER,
        "text": TEXT,
    }
    unique = ("split", "image", "caption")

    def generate(self, seed: int) -> pd.DataFrame:
        """Generated sentences, five of each scene."""
        from data.generator import sentences

        return sentences.captions(EMBEDDED_IMAGES, seed=seed)


class Ptb(CorpusSource):
    """Newspaper sentences of the Penn Treebank, 10,000 words known, others `<unk>`."""

    name = "ptb"
    licence = "Penn Treebank: Linguistic Data Consortium, research use"
    citation = "Marcus et al. 1993; preprocessed as in Mikolov et al. 2010"
    columns = {"split": one_of("train", "valid", "test"), "text": TEXT}

    def generate(self, seed: int) -> pd.DataFrame:
        """Sentences of generated film reviews."""
        from data.generator import sentences

        return sentences.review_sentences(seed=seed)[["split", "text"]]


class Yelp(CorpusSource):
    """Short sentences of business reviews with sentiment: development and test part."""

    name = "yelp"
    licence = "Yelp Dataset terms: academic use, no redistribution"
    citation = "Shen et al. 2017, Style transfer from non-parallel text by cross-alignment, NeurIPS"
    columns = {"sentiment": one_of(0, 1), "text": TEXT}

    def generate(self, seed: int) -> pd.DataFrame:
        """Sentences of generated film reviews with the sentiment of their review."""
        from data.generator import sentences

        return sentences.review_sentences(seed=seed)[["sentiment", "text"]]


class Sick(CorpusSource):
    """Sentence pairs with relatedness from 1 to 5: SICK."""

    name = "sick"
    licence = "CC BY-NC-SA 3.0"
    citation = "Marelli et al. 2014, A SICK cure for compositional distributional models, LREC"
    columns = {
        "split": one_of("train", "trial", "test"),
        "relatedness": within(1, 5),
        "sentence1": TEXT,
        "sentence2": TEXT,
    }

    def generate(self, seed: int) -> pd.DataFrame:
        """Generated pairs: one, and four times the share of content that they have in common."""
        from data.generator import sentences

        # Pairs of their own, not those of the other graded corpus.
        frame = sentences.graded_pairs(EMBEDDED_PAIRS, ("train", "trial", "test"), seed=seed + 1)
        return frame.assign(relatedness=1 + 4 * frame["shared"]).drop(columns="shared")


class Stsb(CorpusSource):
    """Sentence pairs with likeness in meaning from 0 to 5: the STS benchmark."""

    name = "stsb"
    licence = "CC BY-SA 4.0; parts under the terms of their sources"
    citation = "Cer et al. 2017, SemEval-2017 task 1, SemEval"
    columns = {
        "split": one_of("train", "dev", "test"),
        "score": within(0, 5),
        "sentence1": TEXT,
        "sentence2": TEXT,
    }

    def generate(self, seed: int) -> pd.DataFrame:
        """Generated pairs: five times the share of content that they have in common."""
        from data.generator import sentences

        frame = sentences.graded_pairs(EMBEDDED_PAIRS, ("train", "dev", "test"), seed=seed)
        return frame.assign(score=5 * frame["shared"]).drop(columns="shared")


class DSentences(CorpusSource):
    """Template sentences of nine factors, a row for each combination: dSentences."""

    name = "dsentences"
    licence = "not stated by its publisher"
    citation = "M'Charrak 2018, dSentences (thesis; github.com/mcharrak/discreteVAE)"
    columns = {"text": TEXT, **dict.fromkeys(FACTORS, within(0, 10_000, kind=int))}

    def prepare(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The factors in one type, whatever whole numbers the file stores them in."""
        whole = [
            name
            for name in FACTORS
            if name in frame and frame[name].dtype.kind in "biu" and frame[name].notna().all()
        ]
        return frame.astype(dict.fromkeys(whole, "int64"))

    def generate(self, seed: int) -> pd.DataFrame:
        """Clauses of twelve pairs of verb and object in all forms."""
        return clauses(EMBEDDED_TUPLES, seed=seed)


class DailyDialog(CorpusSource):
    """Turns of everyday conversations with several replies each: DailyDialog's test part."""

    name = "dailydialog_multiref"
    licence = "CC BY-NC-SA 4.0: non-commercial"
    citation = (
        "Li et al. 2017, DailyDialog: a manually labelled multi-turn dialogue dataset, IJCNLP; "
        "Gupta et al. 2019, Investigating evaluation of open-domain dialogue systems with human "
        "generated multiple references, SIGDIAL"
    )
    columns = {
        "dialogue": NUMBER,
        "turn": NUMBER,
        "text": TEXT,
        "references": Rule(object, _texts, must_be("a list of replies; the last turn has none")),
    }
    unique = ("dialogue", "turn")
    lists = ("references",)

    def prepare(self, frame: pd.DataFrame) -> pd.DataFrame:
        """As of every corpus, and blank replies left out."""
        frame = super().prepare(frame)
        return frame.assign(references=frame["references"].map(_without_blanks))

    def generate(self, seed: int) -> pd.DataFrame:
        """Generated questions, each with all replies that are valid."""
        from data.generator import sentences

        return sentences.questions(EMBEDDED_TURNS, seed=seed)

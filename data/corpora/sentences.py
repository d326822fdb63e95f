"""Corpora of single sentences and of pairs of them: captions, newspapers, reviews, graded pairs."""

from __future__ import annotations

import pandas as pd

from data.corpora.source import NUMBER, TEXT, CorpusSource, one_of, within

EMBEDDED_IMAGES = 400
EMBEDDED_PAIRS = 360


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

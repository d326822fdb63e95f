"""Short review sentences as a language-modelling task."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from data.corpus import Corpus
from data.tasks.language import LanguageTask

SHARES = {"evaluation": 10, "valid": 5}
"""Hundredths of the distinct sentences that serve evaluation and validation; training has the rest.
"""


class YelpLm(LanguageTask):
    """Language modelling of short review sentences; duplicates removed, then split by a hash."""

    name = "yelp-lm"
    corpus = "yelp"

    def pools(self, corpus: Corpus) -> Mapping[str, Sequence[str]]:
        """The parts by a hash of the text, so that equal sentences fall in one part."""
        pools: dict[str, list[str]] = {"train": [], "valid": [], "evaluation": []}
        for text in corpus.frame["text"].tolist():
            pools[part_of(text)].append(text)
        return pools


def part_of(text: str) -> str:
    """The part that a sentence serves."""
    place = int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:4]) % 100
    for part, share in SHARES.items():
        if place < share:
            return part
        place -= share
    return "train"

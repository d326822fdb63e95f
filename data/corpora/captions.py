"""Image captions, several of each image."""

from __future__ import annotations

import pandas as pd

from data.corpora.source import NUMBER, TEXT, CorpusSource, one_of

EMBEDDED_IMAGES = 400


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

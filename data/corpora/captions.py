"""Image captions, several of each image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from data.corpora.source import CorpusSource, filled

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema

EMBEDDED_IMAGES = 400


class Captions(CorpusSource):
    """Five independent English captions of each image: Multi30k, task 2."""

    name = "captions"
    licence = "Flickr30K terms: non-commercial research, no redistribution"
    citation = (
        "Elliott et al. 2016, Multi30K: multilingual English-German image descriptions, VL; "
        "Young et al. 2014, From image descriptions to visual denotations, TACL 2"
    )

    def schema(self, source: str) -> DataFrameSchema:
        """Columns split, image, caption (its number) and text."""
        from pandera.pandas import Check, Column, DataFrameSchema

        return DataFrameSchema(
            {
                "split": Column(str, Check.isin(["train", "valid", "test"])),
                "image": Column(int),
                "caption": Column(int),
                "text": Column(str, filled()),
            },
            unique=["split", "image", "caption"],
        )

    def generate(self, seed: int) -> pd.DataFrame:
        """Generated sentences, five of each scene."""
        from data.generator import sentences

        return sentences.captions(EMBEDDED_IMAGES, seed=seed)

"""Captions of photographs, five of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from data.corpora.source import CorpusSource, filled

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema

EMBEDDED_SCENES = 300


class Captions(CorpusSource):
    """Captions of photographs, five of each: Multi30k, task 2, English."""

    name = "captions"
    licence = "Flickr30K terms: non-commercial research and education"
    citation = "Elliott et al. 2016, Multi30K: multilingual English-German image descriptions"

    def schema(self, source: str) -> DataFrameSchema:
        """Columns split, image, caption (0 to 4) and text."""
        from pandera.pandas import Check, Column, DataFrameSchema

        return DataFrameSchema(
            {
                "split": Column(str, Check.isin(["train", "valid", "test"])),
                "image": Column(int),
                "caption": Column(int, Check.isin(range(5))),
                "text": Column(str, filled()),
            },
            unique=["split", "image", "caption"],
        )

    def generate(self, seed: int) -> pd.DataFrame:
        """Generated scenes, each told in five ways."""
        from data.generator.scenes import scenes

        return scenes(EMBEDDED_SCENES, seed=seed)

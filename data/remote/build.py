"""From downloads to the Parquet file of a corpus."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from data.errors import UserError
from data.remote import counterfactual, founta, layout, movies, sentences, sources, tweets
from data.remote.dialect import read_word_table
from data.remote.download import download
from data.remote.lock import LOCK_NAME
from data.remote.relations import relation_columns
from data.remote.sources import Source

DOWNLOADS = "downloads"

Recipe = tuple[
    Mapping[str, Source], Callable[[Mapping[str, Path]], Mapping[str, Sequence[Any]]], Any
]
"""The originals of a corpus, its columns from the downloaded files, and the Parquet schema."""


def build(name: str, target: Path, copy: Path | None, given: Mapping[str, Source]) -> Path:
    """Write the Parquet file `target`; the other parameters are those of `data.remote.fetch`."""
    own = None
    if name == "founta":
        if copy is None:
            raise UserError(
                "the tweets of Founta et al. 2018 are not public; ask their authors for "
                "hatespeech_text_label_vote.csv and give its path"
            )
        own = founta.read_founta(copy)
    recipes: dict[str, Recipe] = {
        "movies": (sources.MOVIES, movies.movie_columns, layout.MOVIES),
        "tweets": (sources.TWEETS, _tweet_columns, layout.TWEETS),
        "founta": (sources.WORD_TABLE, partial(_tweet_columns, rows=own), layout.TWEETS),
        "ptb": (sources.PTB, sentences.ptb_columns, layout.PTB),
        "yelp": (sources.YELP, sentences.yelp_columns, layout.YELP),
        "captions": (sources.CAPTIONS, sentences.caption_columns, layout.CAPTIONS),
        "counterfactual": (
            sources.COUNTERFACTUAL,
            counterfactual.counterfactual_columns,
            layout.COUNTERFACTUAL,
        ),
        "fewrel_wiki": (sources.FEWREL_WIKI, relation_columns, layout.RELATIONS),
        "fewrel_semeval": (sources.FEWREL_SEMEVAL, relation_columns, layout.RELATIONS),
    }
    needed, columns, schema = recipes[name]
    folder, paths = target.parent, {}
    for original, standard in needed.items():
        source = given.get(original, standard)
        # Files of two sources may have one name; the name of the source makes them differ.
        place = folder / DOWNLOADS / f"{original}-{source.file_name}"
        paths[original] = download(source, place, lock=folder / LOCK_NAME)
    return layout.write_parquet(columns(paths), schema, target)


def _tweet_columns(
    paths: Mapping[str, Path], rows: Sequence[tweets.Tweet] | None = None
) -> Mapping[str, Sequence[Any]]:
    """Columns of `tweets.parquet`: of the public corpora, or of the rows of a user's own file."""
    model = read_word_table(paths["twitteraae-counts"], paths["twitteraae-words"])
    return tweets.columns(tweets.read_all(paths) if rows is None else rows, model)

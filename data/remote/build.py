"""From downloads to the Parquet file of a corpus."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from data.errors import UserError
from data.remote import founta, layout, movies, sentences, tweets
from data.remote.archives import extract
from data.remote.dialect import DialectModel, read_word_table
from data.remote.download import download
from data.remote.lock import LOCK_NAME
from data.remote.sources import CAPTIONS, MOVIES, PTB, TWEETS, WORD_TABLE, YELP, Source

DOWNLOADS = "downloads"


def build_movies(target: Path, given: Mapping[str, Source], *, progress: bool) -> Path:
    """`movies.parquet`; the archives are unpacked beside it and removed again."""
    paths = _download_all(MOVIES, given, target.parent, progress)
    with _scratch(target.parent) as name:
        scratch = Path(name)
        reviews = extract(paths["aclimdb"], scratch / "reviews", wanted=movies.wanted_review_file)
        genres = extract(paths["movielens"], scratch / "genres", wanted=movies.wanted_genre_file)
        columns = movies.columns(reviews, genres)
    return layout.write_parquet(columns, layout.MOVIES, target)


def build_tweets(target: Path, given: Mapping[str, Source], *, progress: bool) -> Path:
    """`tweets.parquet` of the three public corpora."""
    paths = _download_all(TWEETS, given, target.parent, progress)
    columns = tweets.columns(tweets.read_all(paths), _model(paths))
    return layout.write_parquet(columns, layout.TWEETS, target)


def build_founta(target: Path, copy: Path, given: Mapping[str, Source], *, progress: bool) -> Path:
    """`founta.parquet`, in the layout of the tweets, from a user's own file."""
    rows = founta.read_founta(copy)
    paths = _download_all(WORD_TABLE, given, target.parent, progress)
    return layout.write_parquet(tweets.columns(rows, _model(paths)), layout.TWEETS, target)


def build_sentences(
    name: str, target: Path, given: Mapping[str, Source], *, progress: bool
) -> Path:
    """`ptb.parquet`, `yelp.parquet` or `captions.parquet`."""
    needed, columns, schema = {
        "ptb": (PTB, sentences.ptb_columns, layout.PTB),
        "yelp": (YELP, sentences.yelp_columns, layout.YELP),
        "captions": (CAPTIONS, sentences.caption_columns, layout.CAPTIONS),
    }[name]
    return layout.write_parquet(
        columns(_download_all(needed, given, target.parent, progress)), schema, target
    )


def _model(paths: Mapping[str, Path]) -> DialectModel:
    return read_word_table(paths["twitteraae-counts"], paths["twitteraae-words"])


def _download_all(
    needed: Mapping[str, Source], given: Mapping[str, Source], folder: Path, progress: bool
) -> dict[str, Path]:
    paths = {}
    for name, standard in needed.items():
        source = given.get(name, standard)
        # The names of two sources' files may be the same; the source's own name keeps them apart.
        target = folder / DOWNLOADS / f"{name}-{source.file_name}"
        paths[name] = download(source, target, lock=folder / LOCK_NAME, progress=progress)
    return paths


def _scratch(folder: Path) -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix=".unpack-", dir=folder)
    except OSError as error:
        raise UserError(f"cannot write to {folder}: {error.strerror or error}") from error

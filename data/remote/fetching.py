"""From public originals to the Parquet file of a corpus."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from data.errors import UnknownNameError, UserError
from data.remote import NAMES, counterfactual, founta, layout, movies, sentences, tweets
from data.remote.dialect import read_word_table
from data.remote.download import LOCK_NAME, download
from data.remote.relations import relation_columns
from data.remote.sources import SOURCES, Source

DOWNLOADS = "downloads"

Columns = Mapping[str, Sequence[Any]]


def fetch(
    name: str,
    folder: Path,
    *,
    copy: Path | None = None,
    sources: Mapping[str, Source] | None = None,
) -> Path:
    """Make `<folder>/<name>.parquet` from its public originals, unless it is there.

    Originals stay under `<folder>/downloads`, so that nothing is downloaded twice.

    Parameters
    ----------
    name : one of `data.remote.NAMES`; the texts of `founta` are not public.
    folder : the data folder; made where it does not exist.
    copy : for `founta`, the user's own file.
    sources : other addresses for some of the originals, by the names in `data.remote.sources`.

    Returns
    -------
    The Parquet file, in the columns of `data.remote.layout`.

    Raises
    ------
    UserError
        Unknown name, no network, a wrong digest, a damaged archive, an original in another form,
        or a disk that cannot take the files.
    """
    if name not in NAMES:
        raise UnknownNameError("remote corpus", name, NAMES)
    target = folder / f"{name}.parquet"
    if target.exists():
        return target
    columns, schema = RECIPES[name]
    if name == "founta":
        if copy is None:
            raise UserError(
                "the tweets of Founta et al. 2018 are not public; ask their authors for "
                "hatespeech_text_label_vote.csv and give its path"
            )
        columns = partial(_tweet_columns, rows=founta.read_founta(copy))
    paths = {}
    for original, standard in SOURCES[name].items():
        source = (sources or {}).get(original, standard)
        # Files of two sources may have one name; the name of the source makes them differ.
        file_name = source.url.rstrip("/").rpartition("/")[2]
        place = folder / DOWNLOADS / f"{original}-{file_name}"
        paths[original] = download(source, place, lock=folder / LOCK_NAME)
    return layout.write_parquet(columns(paths), schema, target)


def _tweet_columns(
    paths: Mapping[str, Path], rows: Sequence[tweets.Tweet] | None = None
) -> Columns:
    """Columns of `tweets.parquet`: of the public corpora, or of the rows of a user's own file."""
    model = read_word_table(paths["twitteraae-counts"], paths["twitteraae-words"])
    return tweets.columns(tweets.read_all(paths) if rows is None else rows, model)


RECIPES: Mapping[str, tuple[Callable[[Mapping[str, Path]], Columns], Any]] = {
    "movies": (movies.movie_columns, layout.MOVIES),
    "tweets": (_tweet_columns, layout.TWEETS),
    "founta": (_tweet_columns, layout.TWEETS),
    "ptb": (sentences.ptb_columns, layout.PTB),
    "yelp": (sentences.yelp_columns, layout.YELP),
    "captions": (sentences.caption_columns, layout.CAPTIONS),
    "counterfactual": (counterfactual.counterfactual_columns, layout.COUNTERFACTUAL),
    "fewrel_wiki": (relation_columns, layout.RELATIONS),
    "fewrel_semeval": (relation_columns, layout.RELATIONS),
}
"""The columns of a corpus from its downloaded originals by name, and their Parquet schema."""

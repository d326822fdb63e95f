"""Public originals of the corpora, downloaded, verified and turned into the Parquet layout."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import UnknownNameError

if TYPE_CHECKING:
    from data.remote.sources import Source

NAMES = (
    *("movies", "tweets", "ptb", "yelp", "captions", "counterfactual", "founta"),
    *("fewrel_wiki", "fewrel_semeval"),
)


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
    name : one of `NAMES`; the texts of `founta` are not public.
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
    from data.remote import build

    return build.build(name, target, copy, sources or {})

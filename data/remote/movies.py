"""`movies` from its public originals: reviews of aclImdb joined with genres of MovieLens-25M.

Each review belongs to the film on its line of `urls_{pos,neg}.txt`; MovieLens gives genres for the
films it knows by their IMDb number. A review of another film has an empty list.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from data.errors import UserError
from data.remote.archives import members
from data.utf8 import decoded

_REVIEW = re.compile(r"aclImdb/(train|test)/(pos|neg)/(\d+)_(\d+)\.txt")
_URLS = re.compile(r"aclImdb/(train|test)/urls_(pos|neg)\.txt")
_TITLE = re.compile(r"/title/(tt\d+)")
_TABLES = {"movies.csv": ("movieId", "title", "genres"), "links.csv": ("movieId", "imdbId")}
AGAIN = "get the archive again"
_NO_GENRES = "(no genres listed)"


class Review(NamedTuple):
    """One review; `id` is its position among the reviews of its split and sentiment."""

    split: str
    id: int
    rating: int
    sentiment: str
    movie_id: str
    text: str


def movie_columns(paths: Mapping[str, Path]) -> dict[str, list[Any]]:
    """Columns of `movies.parquet`, in the order test, train; neg, pos; review number.

    `paths`: the archives, named as in `sources.toml`. UserError where an archive is damaged, or a
    file in it is missing or has another form.
    """
    # Of MovieLens two tables; the 25 million ratings are not read.
    tables = members(paths["movielens"], lambda name: PurePosixPath(name).name in _TABLES)
    genres = read_genres({PurePosixPath(name).name: body for name, body in tables.items()})
    labelled = members(
        paths["aclimdb"], lambda name: bool(_REVIEW.fullmatch(name) or _URLS.fullmatch(name))
    )
    rows = list(read_reviews(labelled))
    table: dict[str, list[Any]] = {
        name: [getattr(row, name) for row in rows] for name in Review._fields
    }
    table["genres"] = [genres.get(row.movie_id, []) for row in rows]
    return table


def read_reviews(files: Mapping[str, bytes]) -> Iterator[Review]:
    """All labelled reviews of aclImdb, each with its film, from the files in its archive."""
    titles = {
        match.groups(): _titles(match[0], body)
        for name, body in files.items()
        if (match := _URLS.fullmatch(name))
    }
    matches = filter(None, map(_REVIEW.fullmatch, files))
    found = sorted((m[1], m[2], int(m[3]), int(m[4]), m[0]) for m in matches)
    if not found:
        raise UserError(f"the archive holds no aclImdb reviews; {AGAIN}")
    for split, sentiment, number, rating, name in found:
        films = titles.get((split, sentiment), [])
        if number >= len(films):
            raise UserError(f"{name} has no line in urls_{sentiment}.txt; {AGAIN}")
        text = re.sub("\r\n?", "\n", decoded(files[name], name, remedy=AGAIN)).strip()
        yield Review(split, number, rating, sentiment, films[number], text)


def read_genres(files: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Genres of each film by IMDb title number, such as `tt0114709`."""
    kinds = {row["movieId"]: row["genres"] for row in _table(files, "movies.csv")}
    return {
        f"tt{row['imdbId'].zfill(7)}": kinds[row["movieId"]].split("|")
        for row in _table(files, "links.csv")
        if kinds.get(row["movieId"], _NO_GENRES) != _NO_GENRES
    }


def _titles(name: str, body: bytes) -> list[str]:
    titles = []
    for number, line in enumerate(decoded(body, name, remedy=AGAIN).splitlines(), start=1):
        match = _TITLE.search(line)
        if match is None:
            raise UserError(f"{name}, line {number} names no IMDb title; {AGAIN}")
        titles.append(match.group(1))
    return titles


def _table(files: Mapping[str, bytes], name: str) -> list[dict[str, str]]:
    content = decoded(files.get(name, b""), name, remedy=AGAIN)
    rows = list(csv.DictReader(io.StringIO(content, newline="")))
    missing = [column for column in _TABLES[name] if not rows or column not in rows[0]]
    if missing:
        raise UserError(f"{name} of MovieLens has no column {', '.join(missing)}; {AGAIN}")
    return rows

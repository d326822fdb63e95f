"""`movies` from its public originals: reviews of aclImdb joined with genres of MovieLens-25M.

Each review belongs to the film on its line of `urls_{pos,neg}.txt`; MovieLens gives genres for the
films it knows by their IMDb number. A review of another film has an empty list.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from data.errors import UserError
from data.utf8 import read_utf8

_REVIEW = re.compile(r"aclImdb/(train|test)/(pos|neg)/(\d+)_(\d+)\.txt")
_URLS = re.compile(r"aclImdb/(train|test)/urls_(pos|neg)\.txt")
_TITLE = re.compile(r"/title/(tt\d+)")
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


def wanted_review_file(name: str) -> bool:
    """Whether a member of the aclImdb archive is read: labelled reviews and their addresses."""
    plain = name.removeprefix("./")
    return bool(_REVIEW.fullmatch(plain) or _URLS.fullmatch(plain))


def wanted_genre_file(name: str) -> bool:
    """Whether a member of the MovieLens archive is read; the 25 million ratings are not."""
    return name.rsplit("/", 1)[-1] in ("movies.csv", "links.csv")


def columns(reviews: Path, movielens: Path) -> dict[str, list[Any]]:
    """Columns of `movies.parquet`, in the order test, train; neg, pos; review number.

    Parameters
    ----------
    reviews : folder with the unpacked `aclImdb/`.
    movielens : folder with `movies.csv` and `links.csv`, at any depth.

    Raises
    ------
    UserError
        A file is missing or does not have the published form.
    """
    genres = read_genres(movielens)
    rows = list(read_reviews(reviews))
    table: dict[str, list[Any]] = {
        name: [getattr(row, name) for row in rows] for name in Review._fields
    }
    table["genres"] = [genres.get(row.movie_id, []) for row in rows]
    return table


def read_reviews(folder: Path) -> Iterator[Review]:
    """All labelled reviews of an unpacked aclImdb archive, each with its film."""
    found = False
    for split in ("test", "train"):
        for sentiment in ("neg", "pos"):
            part = folder / "aclImdb" / split
            paths = sorted((part / sentiment).glob("*_*.txt"), key=_number)
            if not paths:
                continue
            found = True
            titles = _titles(part / f"urls_{sentiment}.txt")
            for path in paths:
                number, rating = (int(piece) for piece in path.stem.split("_"))
                if number >= len(titles):
                    raise UserError(
                        f"{path} has no line in urls_{sentiment}.txt; get aclImdb again"
                    )
                text = re.sub("\r\n?", "\n", read_utf8(path, remedy=AGAIN)).strip()
                yield Review(split, number, rating, sentiment, titles[number], text)
    if not found:
        raise UserError(f"{folder} holds no aclImdb reviews; get the archive again")


def read_genres(folder: Path) -> dict[str, list[str]]:
    """Genres of each film by IMDb title number, such as `tt0114709`."""
    kinds = {
        row["movieId"]: row["genres"]
        for row in _table(folder, "movies.csv", ("movieId", "title", "genres"))
    }
    return {
        f"tt{row['imdbId'].zfill(7)}": kinds[row["movieId"]].split("|")
        for row in _table(folder, "links.csv", ("movieId", "imdbId"))
        if kinds.get(row["movieId"], _NO_GENRES) != _NO_GENRES
    }


def _number(path: Path) -> int:
    head = path.stem.split("_")[0]
    if _REVIEW.fullmatch(f"aclImdb/train/pos/{path.name}") is None:
        raise UserError(f"{path} is not named like a review of aclImdb (NUMBER_RATING.txt)")
    return int(head)


def _titles(path: Path) -> list[str]:
    titles = []
    for number, line in enumerate(read_utf8(path, remedy=AGAIN).splitlines(), start=1):
        match = _TITLE.search(line)
        if match is None:
            raise UserError(f"{path}, line {number} names no IMDb title; get aclImdb again")
        titles.append(match.group(1))
    return titles


def _table(folder: Path, name: str, needed: tuple[str, ...]) -> list[dict[str, str]]:
    paths = sorted(folder.rglob(name))
    if not paths:
        raise UserError(f"{folder} holds no {name}; get the MovieLens-25M archive again")
    rows = list(csv.DictReader(io.StringIO(read_utf8(paths[0], remedy=AGAIN), newline="")))
    missing = [column for column in needed if not rows or column not in rows[0]]
    if missing:
        raise UserError(f"{paths[0]} has no column {', '.join(missing)}; get the archive again")
    return rows

"""A user's own copy of Founta et al. 2018, which may not be passed on, in the layout of `tweets`.

Its authors give it as tab-separated text, label and votes without a header; copies with a header
and with commas or semicolons exist too. Abusive and hateful tweets count as toxic, normal ones
do not, and spam is dropped.
"""

import csv
import io
from pathlib import Path

from data.errors import UserError
from data.remote.tweets import Tweet
from data.utf8 import read_utf8

_TOXIC = {"abusive": 1, "hateful": 1, "normal": 0}
_LABELS = {*_TOXIC, "spam"}
_TEXT_NAMES = ("text", "tweet", "tweet_text", "full_text", "body", "content")


def read_founta(path: Path) -> list[Tweet]:
    """Labelled tweets of a CSV or TSV copy, in file order without spam.

    UserError where no column holds the four published labels, or none holds texts (a list of
    tweet numbers).
    """
    content = read_utf8(path)
    head = content.split("\n", 1)[0]
    delimiter = max("\t;,", key=lambda mark: (head.count(mark), mark == "\t"))
    try:
        rows = list(csv.reader(io.StringIO(content, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise UserError(f"{path} is not a CSV or TSV table: {error}") from error
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        raise UserError(f"{path} is empty; give the file with texts and labels")
    header = not any(_label(cell) in _LABELS for cell in rows[0])
    body = rows[1:] if header else rows
    label_at = _label_column(body, path)
    text_at = _text_column(rows[0] if header else None, body, label_at, path)
    tweets = []
    for number, row in enumerate(body):
        label = _label(row[label_at]) if len(row) > max(label_at, text_at) else ""
        if label not in _LABELS:
            raise UserError(
                f"{path}, row {number + 1 + header} has no label among "
                f"{', '.join(sorted(_LABELS))}; correct or remove the row"
            )
        if label in _TOXIC:
            tweets.append(Tweet("founta", "all", number, label, _TOXIC[label], row[text_at]))
    return tweets


def _label(cell: str) -> str:
    return cell.strip().lower()


def _label_column(body: list[list[str]], path: Path) -> int:
    width = max((len(row) for row in body), default=0)
    hits = [sum(_label(row[k]) in _LABELS for row in body if k < len(row)) for k in range(width)]
    if not hits or max(hits) * 2 < len(body):
        raise UserError(
            f"{path} has no column with the labels {', '.join(sorted(_LABELS))}; "
            "give the file with texts and labels of Founta et al. 2018"
        )
    return hits.index(max(hits))


def _text_column(names: list[str] | None, body: list[list[str]], label_at: int, path: Path) -> int:
    lowered = [name.strip().lower() for name in names or ()]
    for name in _TEXT_NAMES:
        if name in lowered:
            return lowered.index(name)
    # Without a telling name the texts are what has spaces in it.
    spaced = [
        sum(" " in row[k].strip() for row in body if k < len(row)) if k != label_at else -1
        for k in range(max(len(row) for row in body))
    ]
    if max(spaced) * 2 < len(body):
        raise UserError(
            f"{path} holds no texts, only numbers of tweets perhaps; give the file with texts"
        )
    return spaced.index(max(spaced))

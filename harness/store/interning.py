"""One object for equal parts of many records, which repeat most of what they say."""

from __future__ import annotations

import sys
from itertools import filterfalse
from math import isfinite
from typing import Any

import msgspec

from harness.contract.scores import Score, Scores


class Shared:
    """What has been read so far, by its text."""

    def __init__(self) -> None:
        self._plain: dict[bytes, Any] = {}
        self._classes: dict[bytes, dict[str, tuple[str, ...]]] = {}
        self._names: dict[bytes, tuple[Score, ...]] = {}

    def plain(self, value: Any) -> Any:
        """The first of all equal plain values."""
        if type(value) is str:
            return sys.intern(value)
        if isinstance(value, dict | list):
            return self._plain.setdefault(_text(value), value)
        return value

    def classes(self, content: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
        """The classes of each aspect."""
        text = _text(content)
        if text not in self._classes:
            self._classes[text] = {name: tuple(found) for name, found in content.items()}
        return self._classes[text]

    def scores(self, content: list[dict[str, Any]]) -> Scores:
        """Scores whose names are those of the first ones that are called like them.

        Raises
        ------
        KeyError, TypeError, AttributeError : the content is not that of scores.
        ValueError : a value is no number, or not finite.
        """
        values = tuple([score.pop("value") for score in content])
        if not set(map(type, values)) <= {int, float} or not all(map(isfinite, values)):
            raise ValueError(f"a score is no number: {next(filterfalse(_is_number, values))!r}")
        text = _text(content)
        if text not in self._names:
            self._names[text] = tuple(Score(value=0.0, **score) for score in content)
        return Scores(self._names[text], values)


def _text(value: Any) -> bytes:
    """JSON, which tells numbers of different types apart where Python takes them for equal."""
    try:
        return _encode(value)
    except (ValueError, OverflowError):
        # Python's JSON holds halves of surrogate pairs and numbers of any size.
        return repr(value).encode(errors="backslashreplace")


_encode = msgspec.json.Encoder().encode


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and isfinite(value)

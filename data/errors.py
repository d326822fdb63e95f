"""Errors whose message is for the user."""

import difflib
from collections.abc import Iterable, Sequence

MOST_NAMES = 12
"""Names that a message lists."""


class UserError(Exception):
    """A problem the user can solve: the message is one line that says what is wrong and what to do.

    The command line prints it on stderr without a traceback and exits with a non-zero status.
    """


class UnknownNameError(UserError):
    """A task, method, backbone or corpus of that name does not exist."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        super().__init__(f"unknown {kind} {name!r}; {near(name, names)}known: {listed(names)}")


def near(name: str, known: Sequence[str]) -> str:
    """`did you mean 'movies'? ` for the nearest of some names; empty where none is near."""
    found = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {found[0]!r}? " if found else ""


def listed(names: Sequence[str]) -> str:
    """Some names for a message: the first ones, and how many more there are."""
    shown = ", ".join(names[:MOST_NAMES]) or "none"
    more = len(names) - MOST_NAMES
    return f"{shown} and {more} more" if more > 0 else shown

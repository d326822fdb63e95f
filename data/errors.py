"""Errors whose message is for the user."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """A problem the user can solve: the message is one line that says what is wrong and what to do.

    The command line prints it on stderr without a traceback and exits with a non-zero status.
    """


class UnknownNameError(UserError):
    """A task, method, backbone or corpus of that name does not exist."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        super().__init__(f"unknown {kind} {name!r}; {hint}known: {', '.join(names)}")

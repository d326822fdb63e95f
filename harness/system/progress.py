"""How a long computation says how far it is."""

from typing import Protocol, SupportsFloat


class Progress(Protocol):
    """Called now and then with the work done so far; must be cheap and must not fail."""

    def __call__(self, done: int, total: int, **metrics: SupportsFloat) -> None: ...


def silent(done: int, total: int, **metrics: SupportsFloat) -> None:
    """The progress of a computation nobody watches."""

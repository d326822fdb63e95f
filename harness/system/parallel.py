"""Work on very many things in shares, one for each core."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeVar

Item = TypeVar("Item")
Found = TypeVar("Found")

LEAST = 10_000
"""Trials that are worth a process: starting one takes about as long as reading so many."""


def shares(items: Sequence[Item], *, trials: int) -> list[Sequence[Item]]:
    """Items in as many runs as this machine has cores for and the trials are worth.

    Parameters
    ----------
    trials : behind all items together.
    """
    if trials < 2 * LEAST or not items:
        return [items]
    import loky

    count = min(loky.cpu_count(), trials // LEAST, len(items))
    ends = [len(items) * end // count for end in range(count + 1)]
    return [items[start:end] for start, end in pairwise(ends)]


def in_processes(work: Callable[[Item], Found], parts: Sequence[Item]) -> list[Found]:
    """What the work gives for each part: the first is done here, each other in its own process.

    Whatever the work raises is raised here.
    """
    first, *others = parts
    if not others:
        return [work(first)]
    import loky

    # The processes stay for a while, since who reads many records often makes tables next.
    pool = loky.get_reusable_executor(max_workers=len(others), timeout=60)
    waiting = [pool.submit(work, part) for part in others]
    return [work(first), *(future.result() for future in waiting)]

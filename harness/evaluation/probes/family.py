"""What a family of probes is: one class in a file of its own, listed in `probes.PROBES`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from data.rows import IntArray

Features = NDArray[np.float32]
FloatArray = NDArray[np.float64]
Fold = tuple[IntArray, IntArray]

Item = TypeVar("Item")
Found = TypeVar("Found")


class Fit(NamedTuple):
    """One probe: fitted on the rows of a part, for a target, with a strength; all are positions."""

    part: int
    target: int
    strength: int


@dataclass(frozen=True)
class Target:
    """What a probe is to tell: labels, int64 [n] in range(classes), of two classes or more."""

    labels: IntArray
    classes: int

    @classmethod
    def of(cls, labels: IntArray) -> Target:
        """As many classes as the labels show."""
        return cls(labels, max(2, int(labels.max()) + 1))


@dataclass(frozen=True)
class Work:
    """Rows and labels that many fits share.

    Attributes
    ----------
    features : float32 [n, width], standardised.
    parts : (fitting positions, scoring positions) of n rows.
    targets : what is told.
    seed : of all draws.
    threads : how many fits may run at a time; results do not depend on it.
    """

    features: Features
    parts: Sequence[Fold]
    targets: Sequence[Target]
    seed: int
    threads: int = 1

    def shared_out(self, work: Callable[[Item], Found], items: Sequence[Item]) -> list[Found]:
        """`work` done on each item, in as many threads as there may be."""
        if self.threads < 2 or len(items) < 2:
            return [work(item) for item in items]
        with ThreadPoolExecutor(self.threads) as pool:
            return list(pool.map(work, items))


class Family(ABC):
    """A kind of classifier, with the strengths among which inner folds choose.

    `name` is how scores name it, and `strengths` are named, the strongest regularisation first.
    """

    name: ClassVar[str]
    strengths: ClassVar[tuple[str, ...]]

    def prepare(self, features: Features, *, seed: int) -> Any:
        """What all fits on a representation share, such as distances; without any label."""
        return None

    @abstractmethod
    def probabilities(self, prepared: Any, work: Work, fits: Sequence[Fit]) -> list[FloatArray]:
        """Probabilities [scoring rows of its part, classes of its target], for each fit.

        A class without a fitting row may get 0. `prepared` is what `prepare` gave for the features
        of `work`.
        """


@contextmanager
def single_threaded() -> Iterator[int]:
    """Libraries compute in one thread within it; it gives the number of threads before.

    Sums then stay in one order, byte for byte, and probes run beside each other in threads.
    """
    import torch
    from threadpoolctl import threadpool_limits

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(limits=1):
            yield before
    finally:
        torch.set_num_threads(before)

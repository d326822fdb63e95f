"""What is drawn for learning from triplets of texts, without labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from data.rows import Aspect

Floats = NDArray[np.float64]
Triplet = tuple[str, str, str]


@dataclass(frozen=True)
class TripletRows:
    """Triplets (x0, x1, x2): x0 and x1 share the first aspect, x0 and x2 the second.

    `triplets`: n triplets of texts. `proxies`: for each aspect float64 [3n, k], numbers that stand
    in for its labels, for methods that cannot do without; rows in the order of `texts`.
    """

    triplets: tuple[Triplet, ...]
    proxies: Mapping[str, Floats]

    def __len__(self) -> int:
        return len(self.triplets)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """3n texts: every x0, then every x1, then every x2."""
        return tuple(text for part in zip(*self.triplets, strict=True) for text in part)


@dataclass(frozen=True)
class TripletTask:
    """All that a method ever sees of a task of triplets; its two aspects have no classes."""

    name: str
    aspects: tuple[Aspect, ...]
    train: TripletRows
    valid: TripletRows

"""The contract of a method that represents texts; `harness.contract.learner` has the rest.

A method is a class in a file of its own under `masking/` or `baselines/`. It gives `name` as a
literal string, opens its docstring with one line for tables and help that ends in its source, and
is found by discovery; nothing else is edited. It may import torch at the top of its file: the
file is read, not imported, until a trial runs.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from harness.contract.learner import Learner

Representation = NDArray[np.float32]


class Method(Learner):
    """Learns one representation of a text for each aspect of a task.

    Tasks of the kind `aspects` give a `data.rows.TrainingTask`, with labels; those of the kind
    `triplets` a `data.triplets.TripletTask`, without, whose two aspects have no classes.
    """

    kinds: ClassVar[tuple[str, ...]] = ("aspects",)

    @abstractmethod
    def encode(self, texts: Sequence[str], aspect: str) -> Representation:
        """float32 [len(texts), width]: the representation for `aspect`, rows in the order given.

        Raises
        ------
        UnknownNameError : the aspect is not one the method was fitted on.
        """

"""The contract of a method that represents texts: with `harness.learner`, all one has to know.

A method is a class in a file of its own under `masking/` or `baselines/`. It gives `name` as a
literal string, opens its docstring with one line for tables and help that ends in its source, and
is found by discovery; nothing else is edited. It may import torch at the top of its file: the
file is read, not imported, until a trial runs.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from data.rows import TrainingTask
from harness.learner import Learner
from harness.progress import Progress

if TYPE_CHECKING:
    from harness.backbones import Backbone

Representation = NDArray[np.float32]


class Method(Learner):
    """Learns one representation of a text for each aspect of a task."""

    kinds = ("aspects",)

    def supports(self, task: TrainingTask) -> str | None:
        """The reason why the method cannot run on the task, or None where it can."""
        return None

    @abstractmethod
    def fit(self, task: TrainingTask, backbone: Backbone, *, seed: int, progress: Progress) -> Self:
        """Learn from `task.train`, choose on `task.valid`; deterministic under `seed`."""

    @abstractmethod
    def encode(self, texts: Sequence[str], aspect: str) -> Representation:
        """float32 [len(texts), width]: the representation for `aspect`, rows in the order given.

        Raises
        ------
        UnknownNameError : the aspect is not one the method was fitted on.
        """

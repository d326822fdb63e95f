"""The contract of a method that represents texts; `harness.contract.learner` has the rest.

A method is a class in a file of its own under `masking/` or `baselines/`. It gives `name` as a
literal string, opens its docstring with one line for tables and help that ends in its source, and
is found by discovery; nothing else is edited. It may import torch at the top of its file: the
file is read, not imported, until a trial runs.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from data.errors import UserError
from harness.contract.learner import Learner

if TYPE_CHECKING:
    from harness.encoders.plain_encoder import PlainEncoder

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

    def plain_encoder(self, aspect: str) -> PlainEncoder:
        """The representation for `aspect` as an ordinary encoder, where it is one.

        The mean of a transformer's last token vectors, with or without an affine map behind it.

        Raises
        ------
        UserError : it is none, or as `encode`.
        """
        raise UserError(
            f"{self.name} is no transformer with an affine map behind it, so no other library "
            "could load it; keep it with its save(folder)"
        )

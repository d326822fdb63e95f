"""The method `oracle-finetuned`."""

from __future__ import annotations

from typing import ClassVar

from baselines.finetuned import Finetuned


class OracleFinetuned(Finetuned):
    """The encoder finetuned on balanced rows, an upper bound. Source: Zhang et al. 2021.

    What `finetuned` could reach if aspects did not go together in the training rows.
    """

    name = "oracle-finetuned"
    kinds: ClassVar[tuple[str, ...]] = ("aspects",)
    balanced_training = True

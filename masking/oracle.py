"""The method `oracle-masked-weights`."""

from __future__ import annotations

from typing import ClassVar

from masking.weights import MaskedWeights


class OracleMaskedWeights(MaskedWeights):
    """Masked weights learned on balanced rows, an upper bound. Source: Zhang et al. 2021.

    What `masked-weights` could reach if aspects did not go together in the training rows.
    """

    name = "oracle-masked-weights"
    kinds: ClassVar[tuple[str, ...]] = ("aspects",)
    balanced_training = True
    variants = {}
    studies = {}

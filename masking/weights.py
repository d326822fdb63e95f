"""The method `masked-weights`."""

from __future__ import annotations

from masking.masked_method import MaskedMethod


class MaskedWeights(MaskedMethod):
    """Binary masks over the weights of a frozen encoder. Source: Zhang et al. 2021, section 3.

    Every linear map of a masked layer computes `h' = h (W * M_a)` for aspect a.
    """

    name = "masked-weights"
    kind = "weights"
    profiles = {"smoke": {"steps": 3, "batch_texts": 8}, "quick": {"steps": 60}}

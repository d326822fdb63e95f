"""The method `complement`."""

from __future__ import annotations

import torch
from torch import Tensor

from masking.control_masks import ControlMasks


class Complement(ControlMasks):
    """Masks that are closed where the learned ones are open. Source: a control of this suite.

    The weights that `masked-weights` closes for an aspect are all that is used for it, so what they
    tell is what the learned mask takes away.
    """

    name = "complement"

    def changed(self, open_: Tensor, random: torch.Generator) -> Tensor:
        return ~open_

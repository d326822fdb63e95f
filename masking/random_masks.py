"""The method `random-masks`."""

from __future__ import annotations

import torch
from torch import Tensor

from masking.control_masks import ControlMasks


class RandomMasks(ControlMasks):
    """Learned masks, their bits shuffled within each map. Source: a control of this suite.

    As many weights of every map are open as in `masked-weights`, but not the same ones: it shows
    how much of the effect is the number of closed weights and not which they are.
    """

    name = "random-masks"

    def changed(self, open_: Tensor, random: torch.Generator) -> Tensor:
        order = torch.randperm(open_.numel(), generator=random)
        return open_.flatten()[order].view_as(open_)

"""The methods `random-masks` and `complement`: learned masks that are changed before use."""

from abc import abstractmethod
from typing import Any, ClassVar

import torch
from torch import Tensor

from harness.contract.seeds import seed_from
from masking.packed_masks import put_mask
from masking.weights import MaskedWeights


class ControlMasks(MaskedWeights):
    """Masks learned as those of `masked-weights` are; then each mask of each map is changed."""

    kinds: ClassVar[tuple[str, ...]] = ("aspects",)
    control = True
    dial = None
    variants = {}
    studies = {}
    made_from = MaskedWeights.name

    def change(self, task: Any, *, seed: int) -> None:
        random = torch.Generator().manual_seed(seed_from("control masks", seed))
        for masked in self._layers.maps:
            for scores, open_ in zip(masked.scores, masked.opened(), strict=True):
                put_mask(scores, self.changed(open_.cpu(), random))
        self._layers.freeze()

    @abstractmethod
    def changed(self, open_: Tensor, random: torch.Generator) -> Tensor:
        """The mask in place of a learned one, bool of the same shape."""


class RandomMasks(ControlMasks):
    """Learned masks, their bits shuffled within each map. Source: a control of this suite.

    As many weights of every map are open as in `masked-weights`, but not the same ones: it shows
    how much of the effect is the number of closed weights and not which they are.
    """

    name = "random-masks"

    def changed(self, open_: Tensor, random: torch.Generator) -> Tensor:
        order = torch.randperm(open_.numel(), generator=random)
        return open_.flatten()[order].view_as(open_)


class Complement(ControlMasks):
    """Masks that are closed where the learned ones are open. Source: a control of this suite.

    The weights that `masked-weights` closes for an aspect are all that is used for it, so what they
    tell is what the learned mask takes away.
    """

    name = "complement"

    def changed(self, open_: Tensor, random: torch.Generator) -> Tensor:
        return ~open_

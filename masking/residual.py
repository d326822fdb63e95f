"""Masks on what enters the masked layers, and with it on what passes their linear maps by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from data.errors import UserError
from masking.masks import MaskedLinear, Use

if TYPE_CHECKING:
    from transformers import PreTrainedModel

FAMILIES = frozenset({"bert", "camembert", "distilbert", "electra", "mpnet", "roberta"})
"""Families with a norm behind each sum, whose output enters half a layer and runs past it."""

ROLES = ("attention-input", "feed-forward-input")
"""What masks on the two halves of a layer are reported as."""


def input_norms(model: PreTrainedModel) -> list[str]:
    """Dotted names of the norms that give each half of each layer its input, the lowest first.

    Raises
    ------
    UserError : norms stand elsewhere in this family, or below a projection.
    """
    norms = {n: m.normalized_shape for n, m in model.named_modules() if isinstance(m, nn.LayerNorm)}
    if model.config.model_type not in FAMILIES or len(set(norms.values())) > 1:
        raise UserError(
            f"masks on the residual inputs need a norm behind each sum, as BERT has it, which "
            f"{type(model).__name__} does not have; leave `residual` out"
        )
    # The last one's output is that of the model.
    return list(norms)[:-1]


class MaskedNorm(MaskedLinear):
    """A norm with a mask over its output units for each aspect: `h' = m * norm(h)`.

    A closed unit is missing from the next maps and from the residual connection beside them. As a
    masked map it is the identity, whose diagonal [1, width] the mask is laid over.

    Parameters
    ----------
    scores : float32 [aspects, 1, width].
    role, use : as for `MaskedLinear`; a unit has no row to be rescaled.
    """

    def __init__(self, norm: nn.Module, scores: Tensor, *, role: str, use: Use) -> None:
        width = scores.shape[2]
        diagonal = nn.Linear(width, 1, bias=False, device="meta")
        ones = torch.ones_like(norm.get_parameter("weight")).view(1, width)
        diagonal.weight = nn.Parameter(ones, requires_grad=False)
        super().__init__(diagonal, (1, width), scores, role=role, use=Use(use.walk))
        self._norm = norm

    def masked(self, hidden: Tensor) -> Tensor:
        """Outputs of the norm, [..., width], as the active aspect sees them."""
        return hidden * (self._products or self.masks)[self._active][0]

    def forward(self, hidden: Tensor) -> Tensor:
        return self.masked(self._norm(hidden))

    def plain(self, original: nn.Module, aspect: int) -> nn.Module:
        mask = self.use.walked(self.opened()[aspect].float())[0]
        for name, part in [*original.named_parameters()]:
            setattr(original, name, nn.Parameter(part.detach() * mask, requires_grad=False))
        return original

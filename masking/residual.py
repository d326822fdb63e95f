"""Masks on what enters the masked layers, and with it on what passes their linear maps by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from data.errors import UserError
from masking.masks import MaskedLinear, Use

if TYPE_CHECKING:
    from transformers import PreTrainedModel

FAMILIES = frozenset({"bert", "camembert", "distilbert", "electra", "mpnet", "roberta"})
"""Families in which a norm follows each sum: what enters a half of a layer, its linear maps and the
residual connection beside them alike, is a norm's output. Elsewhere no weight scales the stream."""

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

    A closed unit is missing from the next maps and from the residual connection beside them. Of
    the frozen norm the affine part is a diagonal linear map, whose weight [1, width] has the shape
    of a mask on units.

    Parameters
    ----------
    norm : its tensors are shared.
    scores : float32 [aspects, 1, width].
    role : one of `ROLES`.
    use : of which the walk back counts; a unit has no row to be rescaled.
    """

    def __init__(self, norm: nn.Module, scores: Tensor, *, role: str, use: Use) -> None:
        assert isinstance(norm, nn.LayerNorm)
        width = norm.weight.numel()
        diagonal = nn.Linear(width, 1, device="meta")
        diagonal.weight = nn.Parameter(norm.weight.detach()[None], requires_grad=False)
        diagonal.bias = nn.Parameter(norm.bias.detach(), requires_grad=False)
        super().__init__(diagonal, (1, width), scores, role=role, use=Use(use.walk))
        self._shape, self._eps = norm.normalized_shape, norm.eps

    @torch.no_grad()
    def freeze(self) -> None:
        self.masks = []
        self._products = [self._use.walked(bits.to(self.weight.dtype)) for bits in self.opened()]

    def masked(self, hidden: Tensor) -> Tensor:
        """Outputs of the norm, [..., width], as the active aspect sees them."""
        return hidden * (self._products or self.masks)[self._active][0]

    def forward(self, hidden: Tensor) -> Tensor:
        return self.masked(F.layer_norm(hidden, self._shape, self.weight[0], self.bias, self._eps))

    def plain(self, original: nn.Module, aspect: int) -> nn.Module:
        mask = self._use.walked(self.opened()[aspect].float())[0]
        for part in ("weight", "bias"):
            masked = original.get_parameter(part).detach() * mask
            setattr(original, part, nn.Parameter(masked, requires_grad=False))
        return original

"""A representation as an ordinary encoder: a transformer, mean pooling, and an affine map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from harness.encoders.backbones import Backbone

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@dataclass(frozen=True)
class Affine:
    """The map `x W' + b`.

    `weight`: float [out, in]. `bias`: float [out].
    """

    weight: NDArray[np.floating]
    bias: NDArray[np.floating]

    def then(self, after: Affine) -> Affine:
        """Both maps as one, in float64."""
        weight = after.weight.astype(np.float64)
        return Affine(weight @ self.weight, weight @ self.bias + after.bias)


@dataclass(frozen=True)
class PlainEncoder:
    """What `harness.encoders.exporting` writes.

    Attributes
    ----------
    backbone : whose family, tokenizer and, where it has one, decoder the encoder has.
    model : float32; the mean of its last token vectors is the representation, or goes into it.
    max_tokens : texts are cut to this many tokens, special tokens included.
    affine : behind the mean, or None.
    """

    backbone: Backbone
    model: PreTrainedModel
    max_tokens: int
    affine: Affine | None = None

    @property
    def width(self) -> int:
        """Of the representation."""
        return self.backbone.width if self.affine is None else len(self.affine.weight)

"""How a latent enters the decoder: as memory, through cross-attention, or added to its input."""

from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn

Way = Literal["memory", "cross", "input"]


@dataclass(frozen=True)
class Shape:
    """Of the decoder that is injected into."""

    layers: int
    heads: int
    head_width: int
    width: int


@dataclass(frozen=True)
class Injected:
    """What a decoder is given of the latents, or of a context; the rest is None.

    Attributes
    ----------
    memory : [layers, texts, heads, 1, head width], key and value of one slot a layer.
    states : [texts, states, width], what cross-attention attends to; one state of a latent.
    there : int64 [texts, states], 1 where cross-attention may attend; None for everywhere.
    added : [texts, 1, width], added to every input vector.
    """

    memory: Tensor | None = None
    states: Tensor | None = None
    there: Tensor | None = None
    added: Tensor | None = None


class Injection(nn.Module):
    """One linear map without bias from the latent into the decoder.

    `memory` is the paper's (Park and Lee 2021, section 3, after Li et al. 2020): one slot for each
    decoder layer stands before the keys and values of its self-attention, the same vector as key
    and as value. `cross` gives cross-attention one state to attend to. `input` adds a vector to
    every input.

    Parameters
    ----------
    size : of the latent.
    shape : of the decoder.
    way : which of the three.
    scrambled : with `memory`, the released code's defect: the projection is reshaped with layers
        before texts, so that layer l of text b gets a part of text `(l * texts + b) // layers`.
    """

    def __init__(self, size: int, shape: Shape, way: Way, *, scrambled: bool = False) -> None:
        super().__init__()
        self._shape, self._way, self._scrambled = shape, way, scrambled
        slots = shape.layers * shape.heads * shape.head_width
        self.map = nn.Linear(size, slots if way == "memory" else shape.width, bias=False)

    def forward(self, latents: Tensor) -> Injected:
        """What the decoder is given of latents [texts, size]."""
        projected: Tensor = self.map(latents)
        if self._way == "cross":
            return Injected(states=projected[:, None, :])
        if self._way == "input":
            return Injected(added=projected[:, None, :])
        shape, texts = self._shape, len(latents)
        if self._scrambled:
            parts = projected.reshape(shape.layers, texts, shape.heads, 1, shape.head_width)
            return Injected(memory=parts)
        parts = projected.reshape(texts, shape.layers, shape.heads, 1, shape.head_width)
        return Injected(memory=parts.transpose(0, 1))

"""The method `untuned`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from data.errors import UserError
from harness.contract.method import Representation
from harness.contract.stored import StoredMethod
from harness.encoders.encoding import frozen_vectors
from harness.encoders.plain_encoder import Affine, PlainEncoder
from harness.system.progress import Progress

LAYERS: Mapping[str, Mapping[str, Any]] = {
    f"without-last-{count}": {"layers_left_out": count} for count in range(1, 6)
}
"""Variants that end at a layer below the last, of six."""


class Untuned(StoredMethod):
    """The frozen encoder as it is: one representation for all aspects. Source: the backbone.

    The representation is the mean of the last layer's token vectors; variants have that of a layer
    below it, in which masks in later layers find what they have to cancel.
    """

    name = "untuned"
    kinds: ClassVar[tuple[str, ...]] = ("aspects", "triplets")

    @dataclass(frozen=True)
    class Settings:
        """Settings of the frozen encoder.

        Attributes
        ----------
        max_tokens : texts are cut to this many tokens.
        layers_left_out : how many of the last layers do not take part.
        """

        max_tokens: int = 96
        layers_left_out: int = 0

    variants = LAYERS
    studies = {"aspects": dict.fromkeys(LAYERS, 3)}

    def learn(self, task: Any, *, seed: int, progress: Progress) -> None:
        progress(1, 1)

    def represent(self, texts: tuple[str, ...], aspect: str) -> Representation:
        return self.vectors(texts).copy()

    def plain_encoder(self, aspect: str) -> PlainEncoder:
        self.place_of(aspect)
        if self.settings.layers_left_out:
            raise UserError("a plain encoder has all its layers; set layers_left_out to 0")
        limit, behind = self.settings.max_tokens, self.affine(aspect)
        return PlainEncoder(self.backbone, self.backbone.model, limit, behind)

    def affine(self, aspect: str) -> Affine | None:
        """What stands behind the frozen encoder's vectors, or None."""
        return None

    def vectors(self, texts: Sequence[str]) -> Representation:
        """float32 [n, width]: the frozen encoder's vectors of the texts; not to be changed."""
        texts = tuple(texts)
        settings = self.settings
        limit, left_out = settings.max_tokens, settings.layers_left_out
        return self.kept_for(texts, lambda: frozen_vectors(self.backbone, texts, limit, left_out))

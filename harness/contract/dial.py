"""The dial of a method: one setting, and where it is turned to beside its default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Dial:
    """One setting that takes a method from little change of the encoder to much, or on from there.

    Each position is a variant `<setting>=<value>` of the method, and no other variant has `=` in
    its name; the default is a position too.

    Attributes
    ----------
    setting : the field of `Settings`.
    values : its positions beside the default, in their order.
    """

    setting: str
    values: tuple[float, ...]

    @property
    def variants(self) -> Mapping[str, Mapping[str, Any]]:
        """Variant to the one field that it changes."""
        return {f"{self.setting}={value:g}": {self.setting: value} for value in self.values}

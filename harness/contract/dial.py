"""The dial of a method: one setting, and where it is turned to beside its default."""

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
    at_use : whether it only says how what was learned is used: then nothing is fitted again, and
        all positions share the default's fit. For a `harness.contract.stored.StoredLearner`.
    """

    setting: str
    values: tuple[float, ...]
    at_use: bool = False

    @property
    def variants(self) -> Mapping[str, Mapping[str, Any]]:
        """Variant to the one field that it changes."""
        return {f"{self.setting}={value:g}": {self.setting: value} for value in self.values}

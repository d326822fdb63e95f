"""The search space of a method: the values among which `tune` looks for its settings."""

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Range:
    """All numbers between two limits, which belong to it.

    Attributes
    ----------
    low, high : the limits; whole numbers where the setting is one.
    scale : `linear`, or `log` for rates and weights, where ratios count.
    """

    low: float
    high: float
    scale: str = "linear"

    def __contains__(self, value: Any) -> bool:
        return bool(self.low <= value <= self.high)

    def at(self, share: float) -> Any:
        """The value at a share of the way from `low` to `high`, with three digits."""
        if self.scale == "log":
            value = self.low * (self.high / self.low) ** share
        else:
            value = self.low + (self.high - self.low) * share
        whole = isinstance(self.low, int) and isinstance(self.high, int)
        return round(value) if whole else float(f"{value:.3g}")


@dataclass(frozen=True)
class Choice:
    """A few values, in an order in which neighbours are alike."""

    values: tuple[Any, ...]

    def __contains__(self, value: Any) -> bool:
        return value in self.values

    def at(self, share: float) -> Any:
        """The value in whose equal part of 0 to 1 the share lies."""
        return self.values[min(math.floor(share * len(self.values)), len(self.values) - 1)]


Space = Range | Choice

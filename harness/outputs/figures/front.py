"""The Pareto front of a trade-off."""

from __future__ import annotations

from collections.abc import Mapping

from harness.analysis.metrics import MethodVariant


def front(points: Mapping[MethodVariant, tuple[float, float]]) -> tuple[MethodVariant, ...]:
    """The undominated methods, by leakage.

    One dominates another where it leaks no more, reads no worse, and is better in one of the two.

    Parameters
    ----------
    points : leakage and accuracy of each.
    """

    def dominated(point: tuple[float, float]) -> bool:
        leakage, accuracy = point
        return any(
            less <= leakage and more >= accuracy and (less, more) != point
            for less, more in points.values()
        )

    kept = (method_variant for method_variant, point in points.items() if not dominated(point))
    return tuple(sorted(kept, key=lambda method_variant: (points[method_variant], method_variant)))

"""Which methods are undominated, where no single score folds what they are good for."""

from collections.abc import Mapping

from harness.analysis.condition_scores import ConditionScores
from harness.analysis.marks import below_chance
from harness.analysis.metrics import MethodVariant, Metric


def undominated(
    scores: ConditionScores, leakage: Metric, *merits: Metric
) -> tuple[MethodVariant, ...]:
    """The Pareto front of the methods that are compared, by means over seeds, by leakage.

    Leakage is the better the lower, and every merit the higher. Methods whose leakage is a fault of
    the measurement, or that lack a metric, take no part.
    """
    faulty = below_chance(scores, leakage)
    points = {}
    for each in scores.competitors:
        found = [scores.interval(each, m) for m in (leakage, *merits)]
        if each not in faulty and None not in found:
            points[each] = tuple(interval.mean for interval in found if interval)
    return front(points)


def front(points: Mapping[MethodVariant, tuple[float, ...]]) -> tuple[MethodVariant, ...]:
    """The undominated methods, by leakage.

    One dominates another where it leaks no more, is worse in nothing, and is better in something.
    Points are the leakage of each, and then whatever is the better the higher it is.
    """

    def dominated(point: tuple[float, ...]) -> bool:
        return any(
            other[0] <= point[0] and all(a >= b for a, b in zip(other[1:], point[1:], strict=True))
            for other in points.values()
            if other != point
        )

    kept = (each for each, point in points.items() if not dominated(point))
    return tuple(sorted(kept, key=lambda each: (points[each], each)))

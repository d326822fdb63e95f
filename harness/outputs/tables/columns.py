"""The columns of the tables that compare methods: heads, and the metrics under them."""

from collections.abc import Callable
from dataclasses import dataclass

from harness.analysis.condition_scores import ConditionScores
from harness.analysis.metrics import Area, Compared, Distance, Metric, MetricKey, group_accuracy
from harness.outputs.tables.layout import Column

LINEAR, STRONGEST = "linear", "strongest"

PROBES = (LINEAR, STRONGEST)
"""The probes that tables and figures show; the others stand in a table of their own."""

FAMILIES = ("mlp", "kernel", "neighbours", "forest")
"""The families of probes beside the linear one, as scores.csv names them."""

TARGET, LEAKAGE = "target accuracy", "leakage"

KEPT, DETAIL, OTHER_FACTORS = "kept", "detail", "other factors"

DTO = "DTO"

AREA = "area along the dial"

PAIRED = ("cause", "isolate", "disentangle", "movement")
"""What is measured on minimal pairs."""

USABLE = "usable bits, strongest"

MDL = "MDL (bits/text)"

SAID = {
    USABLE: "bits",
    KEPT: "kept",
    DETAIL: "beyond",
    OTHER_FACTORS: "beyond",
    **dict.fromkeys(PAIRED, "pairs"),
    AREA: "areas",
    DTO: "distance",
}
"""Groups of columns to the remark that they need."""

ByProbe = Callable[[str], Metric]


@dataclass(frozen=True)
class Measured:
    """A head and the metric under it, with so many `digits` behind the point.

    A metric `beside_reference` holds methods against the untuned encoder, which is best in it by
    construction and takes no part in the comparison.
    """

    column: Column
    metric: Compared
    digits: int = 3
    beside_reference: bool = False

    @property
    def ranked(self) -> bool:
        """Whether one end of it is better, which its head shows by an arrow."""
        return any(arrow in self.column.full_name for arrow in "↑↓")


def summary_columns(scores: ConditionScores) -> tuple[Measured, ...]:
    """Means over the representations, those that say most: no single one says enough."""
    target, leakage = scores.mean_target, scores.mean_leakage
    gap = target(LINEAR).minus(leakage(LINEAR))
    return (
        Measured(Column("linear ↑", TARGET), target(LINEAR)),
        *(Measured(Column(f"{probe} ↓", LEAKAGE), leakage(probe)) for probe in PROBES),
        Measured(Column("linear ↑", "gap"), gap),
        *kept_columns(scores.mean_kept),
        Measured(Column("worst ↑", "group accuracy"), scores.mean_worst_group()),
    )


def probe_columns(scores: ConditionScores) -> tuple[Measured, ...]:
    """Means over the representations of what further probes read, in accuracy and in bits."""
    target, leakage = scores.mean_target, scores.mean_leakage
    average = scores.mean_group("average_accuracy")
    return (
        Measured(Column("strongest ↑", TARGET), target(STRONGEST)),
        *(Measured(Column(f"{family} ↓", LEAKAGE), leakage(family)) for family in FAMILIES),
        Measured(Column("target ↑", USABLE), target(STRONGEST).in_usable_bits()),
        Measured(Column("leakage ↓", USABLE), leakage(STRONGEST).in_usable_bits()),
        Measured(Column("target ↓", MDL), target(LINEAR).in_bits()),
        Measured(Column("leakage ↑", MDL), leakage(LINEAR).in_bits()),
        _distance(scores, target, leakage),
        Measured(Column("average ↑", "group accuracy"), average),
    )


def detail_columns(scores: ConditionScores) -> tuple[Measured, ...]:
    """Details, other factors and likeness of meaning, as far as any method has them here."""
    there = scores.all_keys

    def column(head: str, group: str, *keys: MetricKey, beside: bool = True) -> Measured:
        return Measured(Column(f"{head} ↑", group), Metric.mean(keys), beside_reference=beside)

    found = []
    details = sorted(key for key in there if key.metric == "detail")
    if means := [key for key in details if not key.factor]:
        found.append(column("mean", DETAIL, *means, beside=False))
        found += [column(k.factor, DETAIL, k, beside=False) for k in details if k.factor]
    for metric, group, whole in (
        ("other_factors", OTHER_FACTORS, "mean"),
        ("similarity_kept", KEPT, "similarity"),
    ):
        for factor in sorted({key.factor for key in there if key.metric == metric}):
            keys = sorted(key for key in there if (key.metric, key.factor) == (metric, factor))
            found.append(column(factor.replace("_", " ") or whole, group, *keys))
    return tuple(found)


def area_columns(scores: ConditionScores) -> tuple[Measured, ...]:
    """Areas of target accuracy and of neighbours kept along the dials; none where none turned."""
    if all(len(scores.positions(each)) == 1 for each in scores.competitors):
        return ()
    kept = scores.mean_kept("neighbours_kept")
    found = []
    for probe in PROBES:
        leakage = scores.mean_leakage(probe)
        for name, merit in (("target", scores.mean_target(probe)), ("neighbours", kept)):
            area = Area(leakage, merit, scores.chance(leakage), scores.chance(merit))
            found.append(Measured(Column(f"{name}, {probe} ↑", AREA), area, beside_reference=True))
    return tuple(found)


def pair_columns(scores: ConditionScores) -> tuple[Measured, ...]:
    """What flips do, each metric by representation and as their mean; none without pairs."""
    found = []
    for metric, sign in zip(PAIRED, "↑↑↑↓", strict=True):
        parts = flip_metrics(scores, metric)
        if len(parts) > 1:
            parts = {"mean": Metric.mean_of(list(parts.values())), **parts}
        found += [Measured(Column(f"{of} {sign}", metric), part) for of, part in parts.items()]
    return tuple(found)


def flip_metrics(scores: ConditionScores, metric: str) -> dict[str, Metric]:
    """For each representation that has it, a metric of minimal pairs as a mean over pairs.

    Isolate and movement are means over the other aspects; disentangle is made of cause and isolate.
    """
    found = {}
    for aspect in scores.aspects:
        keys = sorted(key for key in scores.all_keys if key[:2] == (metric, aspect))
        if keys and metric == "disentangle":
            parts = [flip_metrics(scores, part)[aspect] for part in ("cause", "isolate")]
            found[aspect] = Metric.mean_of(parts)
        elif keys:
            found[aspect] = Metric.mean(keys, lower_is_better=metric == "movement")
    return found


def representation_columns(scores: ConditionScores, aspect: str) -> tuple[Measured, ...]:
    """Everything that decides about one representation."""

    def target(probe: str) -> Metric:
        return scores.target(aspect, probe)

    def leakage(probe: str) -> Metric:
        return scores.leakage(aspect, probe)

    average, worst = (
        group_accuracy(metric, aspect) for metric in ("average_accuracy", "worst_group_accuracy")
    )
    return (
        *(Measured(Column(f"{probe} ↑", TARGET), target(probe)) for probe in PROBES),
        *(Measured(Column(f"{probe} ↓", LEAKAGE), leakage(probe)) for probe in PROBES),
        _distance(scores, target, leakage),
        *kept_columns(lambda metric: Metric.mean([MetricKey(metric, aspect)])),
        Measured(Column("average ↑", "group accuracy"), average),
        Measured(Column("worst ↑", "group accuracy"), worst),
    )


def kept_columns(of: Callable[[str], Metric]) -> tuple[Measured, ...]:
    """What is kept of the untuned encoder's vectors."""
    return (
        Measured(Column("neighbours ↑", KEPT), of("neighbours_kept"), beside_reference=True),
        Measured(Column("recovered ↑", KEPT), of("recovered"), beside_reference=True),
        Measured(Column("effective rank ↑", KEPT), of("effective_rank"), 1, beside_reference=True),
    )


def _distance(scores: ConditionScores, target: ByProbe, leakage: ByProbe) -> Measured:
    level = scores.chance(leakage(LINEAR))
    distance = Distance(target(LINEAR), leakage(LINEAR), level)
    return Measured(Column("linear ↓", DTO), distance)

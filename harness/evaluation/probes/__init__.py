"""Probes: small classifiers fitted on frozen representations, by the harness alone.

A probe reads how well a factor can be told from a representation. All are cross-fitted: the
balanced evaluation rows are cut into group-disjoint folds, and each row is scored by the probe that
saw neither it nor any row of its group (its film). How strongly a probe is regularised is chosen
for each representation by inner folds of the rows that it is fitted on.

A new family is a subclass of `Family` in a file of its own and one name in the list below.
"""

from collections.abc import Mapping, Sequence

from data.errors import UserError
from data.rows import IntArray, Rows
from harness.evaluation.probes.cross_fit import ProbeResult, chosen_strength, cross_fit_all
from harness.evaluation.probes.family import Family, Features, Fold, single_threaded
from harness.evaluation.probes.features import ProbeInput, checked
from harness.evaluation.probes.folds import group_folds, kept_groups
from harness.evaluation.probes.forest import Forest
from harness.evaluation.probes.kernel import Kernel
from harness.evaluation.probes.linear import FIXED_C, VALUES, FittedLinear, Linear, fit_linear
from harness.evaluation.probes.mlp import MLP
from harness.evaluation.probes.neighbours import Neighbours
from harness.evaluation.probes.readings import STRONGEST, chance_level, read_factors

PROBES: Mapping[str, Family] = {
    family.name: family for family in (Linear(), MLP(), Kernel(), Neighbours(), Forest())
}
"""All families by name, in the order of the tables."""

CURVE = (0.25, 0.5)
"""Shares of the rows, by group, with which the linear probe is fitted too."""

__all__ = [
    "CURVE", "FIXED_C", "PROBES", "STRONGEST",
    "Features", "FittedLinear", "Fold", "ProbeInput", "ProbeResult",
    "chance_level", "checked", "cross_fit", "cross_fit_all",
    "fit_linear", "group_folds", "kept_groups", "read_factors", "single_threaded",
    "tuned_linear",
]  # fmt: skip


def cross_fit(
    name: str, features: Features, labels: IntArray, folds: Sequence[Fold], *, seed: int
) -> ProbeResult:
    """Fit and score a family of `PROBES` for one factor over all folds, three or more.

    `features` are float32 [n, width], `labels` int64 [n] of any number of classes.
    """
    given = ProbeInput.of(features, len(labels), seed=seed)
    with single_threaded():
        return cross_fit_all(PROBES[name], given, {"": labels}, folds)[""]


def tuned_linear(
    rows: Rows, aspect: str, features: Features, *, seed: int, threads: int
) -> FittedLinear:
    """A linear classifier of all rows, under the C that their own folds choose by group.

    Under a fixed C where the rows are too few for folds.
    """
    labels = rows.labels[aspect]
    try:
        folds = group_folds(rows, seed=seed)
    except UserError:
        return fit_linear(features, labels, c=FIXED_C)
    given = ProbeInput.of(features, len(rows), seed=seed)
    chosen = chosen_strength(PROBES["linear"], given, labels, folds, threads=threads)
    return fit_linear(features, labels, c=VALUES[chosen])

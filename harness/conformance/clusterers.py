"""What every method that gives clusters must do, beside `harness.conformance.checks`."""

from dataclasses import dataclass, field, replace

import numpy as np

from data.mentions import MentionDraw, MentionTask
from harness.conformance import checks
from harness.conformance.checks import SEED, require
from harness.contract.clusterer import ClusterArray, Clusterer
from harness.evaluation.clusters import agreement

SURPRISE = 0.2
"""Adjusted Rand index with shuffled classes that convicts: chance gives 0 to within .05."""

ALIKE = 0.9
"""Share of rows that keep their cluster: padding changes sums, and rows near a border with them."""


@dataclass(frozen=True)
class ClusterBench(checks.Bench):
    """What the checks run on; `draw` has the rows that are evaluated on and their classes."""

    kind = "clusters"
    training: MentionTask
    draw: MentionDraw = field(kw_only=True)

    def answers(self, fitted: Clusterer) -> list[ClusterArray]:
        return [fitted.clusters(self.draw.evaluation)]


def check_clusters(method: type[Clusterer], bench: ClusterBench) -> None:
    """int64 [n], 0 or above, and a row's own whatever stands beside it."""
    fitted, rows = bench.fitted(method), bench.draw.evaluation
    whole = fitted.clusters(rows)
    right = whole.dtype == np.int64 and whole.shape == (len(rows),) and whole.min() >= 0
    require(bool(right), f"clusters gives {whole.dtype} {whole.shape} for {len(rows)} rows")
    for order in (range(len(rows))[::-1], range(len(rows) // 2)):
        same = np.mean(fitted.clusters(rows.take(order)) == whole[list(order)])
        require(bool(same >= ALIKE), "clusters depends on the other rows")
    require(len(fitted.clusters(rows.take(()))) == 0, "clusters of no rows gives some")


def check_blind(method: type[Clusterer], bench: ClusterBench) -> None:
    """Held against classes that were shuffled over the rows, clusters agree by chance alone."""
    shuffled = np.random.default_rng(SEED).permutation(bench.draw.gold)
    blind = replace(bench, draw=replace(bench.draw, gold=shuffled))
    (found,) = blind.answers(blind.fitted(method))
    rand = next(s.value for s in agreement(found, shuffled) if s.metric == "adjusted_rand")
    seen = f"with shuffled classes the adjusted Rand index is {rand:.2f}: the method has seen them"
    require(abs(rand) < SURPRISE, seen)

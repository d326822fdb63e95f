"""Each check of methods that find clusters catches its fault."""

import sys
from types import FrameType

import numpy as np
import pytest

from data.errors import UserError
from harness.conformance import benches
from harness.conformance.checks import Check, ConformanceError, check_deterministic, check_refusals
from harness.conformance.clusterers import (
    ClusterBench,
    check_blind,
    check_clusters,
)
from harness.contract.clusterer import Clusterer
from harness.encoders.backbones import Backbone


@pytest.fixture(scope="module")
def bench(backbone: Backbone) -> ClusterBench:
    return benches.clusters(backbone)


class Lengths(Clusterer):
    """Honest: the number of letters, in tens."""

    name = "lengths"
    trainable_parameters = 0
    ready = False

    def fit(self, task, backbone, *, seed, progress):
        self.ready = True
        return self

    def clusters(self, rows):
        if not self.ready:
            raise UserError("fit it first")
        return np.array([len(text) // 10 for text in rows.texts], dtype=np.int64)

    def save(self, folder) -> None: ...

    def load(self, folder, backbone):
        self.ready = True
        return self


class Short(Lengths):
    def clusters(self, rows):
        return super().clusters(rows)[:-1]


class Ranked(Lengths):
    def clusters(self, rows):
        return np.argsort(super().clusters(rows)).astype(np.int64)


class Dice(Lengths):
    def clusters(self, rows):
        return super().clusters(rows) + np.random.default_rng().integers(99)


class Eager(Lengths):
    ready = True


class Cheater(Lengths):
    """Looks for the classes in the frames of its callers."""

    def clusters(self, rows):
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            for value in frame.f_locals.values():
                if isinstance(value, ClusterBench):
                    return value.draw.gold
            frame = frame.f_back
        return super().clusters(rows)


def test_an_honest_method_passes_all_checks(bench: ClusterBench) -> None:
    for check in benches.BY_KIND["clusters"][1]:
        check(Lengths, bench)


@pytest.mark.parametrize(
    ("broken", "check", "complaint"),
    [
        (Short, check_clusters, "clusters gives int64"),
        (Ranked, check_clusters, "depends on the other rows"),
        (Dice, check_deterministic, "two fits"),
        (Eager, check_refusals, "before fit is not refused"),
        (Cheater, check_blind, "the method has seen them"),
    ],
)
def test_each_check_catches_its_fault(
    broken: type[Clusterer], check: Check, complaint: str, bench: ClusterBench
) -> None:
    with pytest.raises(ConformanceError, match=complaint):
        check(broken, bench)

"""The online code is short where a factor is easy, and never longer than the uniform code."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.evaluation.probes import PROBES, ProbeInput
from harness.evaluation.probes.online_code import (
    BLOCKS,
    CODERS,
    doubling_blocks,
    mixed_bits,
    online_code_bits,
)


def bits_of(
    kind: str, features: np.ndarray, labels: np.ndarray, groups: np.ndarray, classes: int
) -> float:
    given = ProbeInput.of(features, len(labels), seed=0)
    found = online_code_bits(PROBES[kind], given, {"": labels}, groups, classes=[classes])
    return found[""]


def material(classes: int, rows: int = 1000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(classes)
    features = rng.normal(size=(rows, 12)).astype(np.float32)
    return features, rng.integers(0, classes, size=rows), np.arange(rows) // 2


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("kind", CODERS)
def test_random_labels_cost_log_of_the_classes_and_a_clean_signal_far_less(
    kind: str, classes: int
) -> None:
    features, labels, groups = material(classes)
    random = bits_of(kind, features, labels, groups, classes)
    told = features.copy()
    told[np.arange(len(told)), labels] += 8
    clean = bits_of(kind, told, labels, groups, classes)
    assert abs(random - math.log2(classes)) < 0.03
    assert clean < 0.4 * math.log2(classes)


@pytest.mark.parametrize("kind", CODERS)
def test_the_code_of_an_overfitted_probe_is_capped(kind: str) -> None:
    """More columns than rows: every probe is sure of itself, and wrong half of the time."""
    rng = np.random.default_rng(0)
    features = 5 * rng.normal(size=(200, 400)).astype(np.float32)
    labels = rng.integers(0, 2, size=200)
    bits = bits_of(kind, features, labels, np.arange(200), 2)
    assert bits <= 1 + (BLOCKS - 1) / 200


def test_a_mixture_costs_what_its_weights_say() -> None:
    assert mixed_bits([10.0], 10.0) == pytest.approx(10.0)
    assert mixed_bits([1e6] * 7, 50.0) == pytest.approx(51.0)
    assert mixed_bits([20.0, *[1e6] * 3], 1e6) == pytest.approx(20.0 + 1 + 2)


def test_factors_side_by_side_cost_what_each_costs_alone() -> None:
    features, labels, groups = material(2, rows=300)
    three = np.random.default_rng(8).integers(0, 3, size=300)
    given = ProbeInput.of(features + labels[:, None].astype(np.float32), 300, seed=0)
    both = online_code_bits(
        PROBES["linear"], given, {"two": labels, "three": three}, groups, classes=[2, 3]
    )
    alone = online_code_bits(PROBES["linear"], given, {"two": labels}, groups, classes=[2])
    assert both["two"] == pytest.approx(alone["two"], abs=1e-4)
    assert both["three"] > both["two"]


def test_a_weaker_signal_takes_more_bits() -> None:
    features, labels, groups = material(2)
    lengths = []
    for strength in (0.5, 1.0, 2.0, 4.0):
        told = features.copy()
        told[:, 0] += strength * labels
        lengths.append(bits_of("linear", told, labels, groups, 2))
    assert lengths == sorted(lengths, reverse=True)


def test_a_class_that_comes_late_is_still_coded() -> None:
    features, labels, groups = material(2)
    labels = np.zeros_like(labels)
    labels[::100] = 1
    bits = bits_of("linear", features, labels, groups, 2)
    assert 0 < bits < 0.5


@settings(max_examples=40, deadline=None)
@given(sizes=st.lists(st.integers(1, 60), min_size=1, max_size=80), seed=st.integers(0, 1000))
def test_blocks_tile_the_rows_at_the_ends_of_groups(sizes: list[int], seed: int) -> None:
    groups = np.repeat(np.arange(len(sizes)), sizes)
    groups = np.random.default_rng(seed).permutation(groups)
    order, edges = doubling_blocks(groups, seed)
    assert sorted(order) == list(range(len(groups)))
    assert edges[0] == 0
    assert edges[-1] == len(groups)
    assert len(edges) <= BLOCKS + 1
    parts = [set(groups[order][a:b]) for a, b in pairwise(edges)]
    assert sum(map(len, parts)) == len(sizes)

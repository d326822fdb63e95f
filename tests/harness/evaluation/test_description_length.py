"""The code of fixed probes is short where a factor is easy, never longer than the uniform code."""

from __future__ import annotations

import math

import numpy as np
import pytest

from harness.evaluation.description_length import online_code_bits
from harness.evaluation.fixed_probes import PROBES
from harness.evaluation.probes.online_code import BLOCKS


def material(classes: int, rows: int = 2000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(classes)
    features = rng.normal(size=(rows, 12)).astype(np.float32)
    return features, rng.integers(0, classes, size=rows), np.arange(rows) // 2


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("kind", PROBES)
def test_random_labels_cost_log_of_the_classes_and_a_clean_signal_far_less(
    kind: str, classes: int
) -> None:
    features, labels, groups = material(classes)
    random = online_code_bits(kind, features, labels, groups, classes=classes, seed=0)
    told = features.copy()
    told[np.arange(len(told)), labels] += 8
    clean = online_code_bits(kind, told, labels, groups, classes=classes, seed=0)
    assert abs(random - math.log2(classes)) < 0.02
    assert clean < 0.4 * math.log2(classes)


@pytest.mark.parametrize("kind", PROBES)
def test_the_code_of_an_overfitted_probe_is_capped(kind: str) -> None:
    """More columns than rows: every probe is sure of itself, and wrong half of the time."""
    rng = np.random.default_rng(0)
    features = 5 * rng.normal(size=(200, 400)).astype(np.float32)
    labels = rng.integers(0, 2, size=200)
    bits = online_code_bits(kind, features, labels, np.arange(200), classes=2, seed=0)
    assert bits <= 1 + (BLOCKS - 1) / 200


def test_a_weaker_signal_takes_more_bits() -> None:
    features, labels, groups = material(2)
    lengths = []
    for strength in (0.5, 1.0, 2.0, 4.0):
        told = features.copy()
        told[:, 0] += strength * labels
        lengths.append(online_code_bits("linear", told, labels, groups, classes=2, seed=0))
    assert lengths == sorted(lengths, reverse=True)


def test_a_class_that_comes_late_is_still_coded() -> None:
    features, labels, groups = material(2)
    labels = np.zeros_like(labels)
    labels[::100] = 1
    bits = online_code_bits("linear", features, labels, groups, classes=2, seed=0)
    assert 0 < bits < 0.5

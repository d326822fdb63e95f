"""Probes of one strength read what is there and nothing else, and never across a group."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from data.rows import Rows
from harness.evaluation.fixed_probes import PROBES, cross_fit
from harness.evaluation.probes import group_folds

MakeRows = Callable[..., Rows]


def noise(rows: int, width: int = 8, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, width)).astype(np.float32)


@pytest.mark.parametrize("kind", PROBES)
def test_a_probe_finds_a_planted_factor_and_no_other(kind: str, toy_rows: MakeRows) -> None:
    rows = toy_rows(100)
    before = noise(len(rows))
    planted = before.copy()
    planted[:, 0] += 6 * rows.labels["colour"]
    folds = group_folds(rows, seed=1)
    right = {
        (name, factor): cross_fit(kind, features, rows.labels[factor], folds, seed=1).accuracy
        for name, features in (("before", before), ("planted", planted))
        for factor in ("colour", "animal")
    }
    assert right["planted", "colour"] > 0.97
    for chance in ("before", "colour"), ("before", "animal"), ("planted", "animal"):
        assert 0.4 < right[chance] < 0.6


@pytest.mark.parametrize("kind", PROBES)
def test_any_number_of_classes(kind: str, toy_rows: MakeRows) -> None:
    rows = toy_rows(20, (2, 3, 4))
    features = noise(len(rows))
    features[np.arange(len(rows)), rows.labels["size"]] += 8
    folds = group_folds(rows, seed=0)
    assert cross_fit(kind, features, rows.labels["size"], folds, seed=0).accuracy > 0.9


def test_only_the_mlp_reads_an_exclusive_or(toy_rows: MakeRows) -> None:
    rows = toy_rows(200)
    signs = np.random.default_rng(0).choice([-1.0, 1.0], size=len(rows))
    features = np.stack([signs, signs * (2 * rows.labels["colour"] - 1)], axis=1)
    features = (features + noise(len(rows), 2) / 10).astype(np.float32)
    folds = group_folds(rows, seed=0)
    linear, mlp = (
        cross_fit(kind, features, rows.labels["colour"], folds, seed=0).accuracy for kind in PROBES
    )
    assert linear < 0.65
    assert mlp > 0.95


def test_a_group_that_names_its_class_teaches_nothing(toy_rows: MakeRows) -> None:
    """With folds across groups the same features would give the answer away."""
    rows = toy_rows(100)
    rng = np.random.default_rng(0)
    groups = np.arange(len(rows)) // 20
    labels = rng.integers(0, 2, size=groups.max() + 1)[groups]
    features = np.eye(groups.max() + 1, dtype=np.float32)[groups]
    grouped = Rows(rows.ids, rows.texts, {"colour": labels}, groups, rows.aspects[:1])
    loose = Rows(rows.ids, rows.texts, {"colour": labels}, np.arange(len(rows)), rows.aspects[:1])
    honest, careless = (
        cross_fit("linear", features, labels, group_folds(r, seed=0), seed=0).accuracy
        for r in (grouped, loose)
    )
    assert careless == 1.0
    assert honest < 0.8

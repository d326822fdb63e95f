"""Probes read what is there and nothing else, and never across a group."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import UserError
from data.rows import Rows
from harness.evaluation.probes import PROBES, checked, cross_fit, group_folds

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


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(per_cell=st.integers(10, 40), size=st.integers(1, 4), seed=st.integers(0, 2**32 - 1))
def test_folds_tile_the_rows_and_never_split_a_group(
    per_cell: int, size: int, seed: int, toy_rows: MakeRows
) -> None:
    rows = toy_rows(per_cell)
    rows = Rows(rows.ids, rows.texts, rows.labels, np.arange(len(rows)) // size, rows.aspects)
    folds = group_folds(rows, seed=seed)
    assert np.array_equal(np.sort(np.concatenate([f[1] for f in folds])), np.arange(len(rows)))
    for fitting, scoring in folds:
        assert not set(rows.groups[fitting]) & set(rows.groups[scoring])


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


def test_too_few_groups_are_explained(toy_rows: MakeRows) -> None:
    rows = toy_rows(20)
    one = Rows(rows.ids, rows.texts, rows.labels, np.arange(len(rows)) % 3, rows.aspects)
    with pytest.raises(UserError, match="3 groups"):
        group_folds(one, seed=0)


def test_a_class_within_one_group_is_explained(toy_rows: MakeRows) -> None:
    rows = toy_rows(20)
    labels = {"colour": np.zeros(len(rows), dtype=np.int64), "animal": rows.labels["animal"]}
    labels["colour"][:2] = 1
    with pytest.raises(UserError, match="no row of class 'blue'"):
        group_folds(Rows(rows.ids, rows.texts, labels, rows.groups, rows.aspects), seed=0)


@pytest.mark.parametrize(
    ("features", "complaint"),
    [
        (noise(9), r"shape \(9, 8\)"),
        (noise(10)[:, :0], "shape"),
        (noise(10)[:, 0], "shape"),
        (noise(10).astype(np.float64), "float32"),
        (np.where(np.arange(80).reshape(10, 8) == 3, np.nan, noise(10)).astype(np.float32), "1 of"),
        (np.full((10, 2), np.inf, dtype=np.float32), "10 of 10"),
    ],
)
def test_what_is_no_representation_is_refused(features: np.ndarray, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        checked(features, 10)


def test_fewer_rows_a_cell_than_folds_are_refused(toy_rows: MakeRows) -> None:
    with pytest.raises(UserError, match=r"4 evaluation rows a cell.*cross-fitted over 5 folds"):
        group_folds(toy_rows(4), seed=0)
    assert len(group_folds(toy_rows(10), seed=0)) == 5

"""What is kept has the value that each known representation must give, and fails its controls."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_representations import DIRECTIONS, KNOWN, WIDTH, encoder_rows, made, orthogonal
from numpy.testing import assert_array_equal

from data.corpora import DATA_DIR_VARIABLE
from data.rows import Rows
from data.syntax.evaluation import GradedPairs
from harness.contract.scores import Score
from harness.evaluation.probes import group_folds
from harness.evaluation.probes.folds import fold_of_rows
from harness.evaluation.retention import (
    Reference,
    collapse,
    make_reference,
    retained,
    sts_corpus,
    sts_pairs,
)
from harness.evaluation.retention.centring import centred
from harness.evaluation.retention.neighbours import (
    NEIGHBOURS,
    kept_of_rows,
    neighbours,
    neighbours_chance,
)
from harness.evaluation.retention.ridge import PENALTIES, CrossRidge, recovered
from harness.evaluation.retention.spectrum import effective_rank, linear_cka

REAL = Path(__file__).parents[3] / ".." / "shared" / "data"

RNG = np.random.default_rng(4)
ROWS, X = encoder_rows()
FOLDS = group_folds(ROWS, seed=0)

FIRST = RNG.normal(size=(200, WIDTH))
SHARE = np.linspace(0, 1, 200)
SECOND = SHARE[:, None] * FIRST + (1 - SHARE[:, None]) * RNG.normal(size=(200, WIDTH))
PAIRS = GradedPairs(("a",) * 200, ("b",) * 200, SHARE)
PAIR_VECTORS = np.vstack([FIRST, SECOND]).astype(np.float32)

CHANCE = NEIGHBOURS / (len(ROWS) - 2)

EXPECTED = {
    "neighbours_kept": {
        "perfect": (1, 0),
        "rotated": (1, 0.001),
        "shifted": (1, 0.001),
        "duplicated": (1, 0),
        "random": (CHANCE, 0.004),
        "directions": (0.08, 0.03),
        "rank one": (CHANCE, 0.01),
        "constant": (CHANCE, 0.004),
        "labels": (CHANCE, 0.006),
    },
    "effective_rank": {
        "perfect": (WIDTH, 0.5),
        "rotated": (WIDTH, 0.5),
        "shifted": (WIDTH, 0.5),
        "duplicated": (WIDTH, 0.5),
        "random": (WIDTH, 0.5),
        "directions": (DIRECTIONS, 0.1),
        "rank one": (1, 1e-6),
        "constant": (0, 0),
        "labels": (1, 1e-6),
    },
    "recovered": {
        "perfect": (1, 1e-4),
        "rotated": (1, 1e-4),
        "shifted": (1, 1e-4),
        "duplicated": (1, 1e-4),
        "random": (0, 0.01),
        "directions": (DIRECTIONS / WIDTH, 0.01),
        "rank one": (1 / WIDTH, 0.01),
        "constant": (0, 0),
        "labels": (0, 0),
    },
    "linear_cka": {
        "perfect": (1, 1e-9),
        "rotated": (1, 1e-6),
        "shifted": (1, 1e-6),
        "duplicated": (1, 1e-9),
        "random": (0, 0.03),
        "directions": ((DIRECTIONS / WIDTH) ** 0.5, 0.02),
        "rank one": (WIDTH**-0.5, 0.03),
        "constant": (0, 0),
        "labels": (0.05, 0.05),
    },
    "detail": {
        "perfect": (1, 0.01),
        "rotated": (1, 0.01),
        "shifted": (1, 0.01),
        "duplicated": (1, 0.01),
        "random": (0.5, 0.05),
        "constant": (0.5, 0),
        "labels": (0.5, 0),
    },
    "other_factors": {
        "perfect": (1, 0),
        "rotated": (1, 0.01),
        "shifted": (1, 0.01),
        "duplicated": (1, 0.03),
        "random": (0, 0.1),
        "rank one": (0.1, 0.1),
        "constant": (0, 0.03),
        "labels": (0.05, 0.08),
    },
    "similarity_kept": {
        "perfect": (1, 0),
        "rotated": (1, 0.001),
        "duplicated": (1, 0.001),
        "random": (0, 0.2),
        "constant": (0, 0),
    },
}
"""Metric to representation to the value it must give, and how near."""


def referred(
    vectors: np.ndarray, rows: Rows, training: np.ndarray, pairs: GradedPairs | None = None
) -> Reference:
    """The reference of an encoder that gives these vectors."""
    told = {rows.texts: vectors, ("train",): training, ("a",) * 200 + ("b",) * 200: PAIR_VECTORS}
    return make_reference(lambda t: told[tuple(t)], rows, ("train",), seed=0, pairs=pairs)


@pytest.fixture(scope="module")
def reference() -> Reference:
    training = np.random.default_rng(5).normal(size=(300, WIDTH)).astype(np.float32)
    return referred(X, ROWS, training, PAIRS)


@pytest.mark.parametrize("name", KNOWN)
def test_known_representations_give_known_values(name: str, reference: Reference) -> None:
    labels = ROWS.labels["colour"]
    zeros = np.zeros(len(PAIR_VECTORS), dtype=np.int64)
    scores = retained(
        made(name, X, labels),
        reference,
        aspect="colour",
        pair_vectors=made(name, PAIR_VECTORS, zeros),
    )
    found = {score.metric: score.value for score in scores if not score.factor}
    assert set(found) == set(EXPECTED)
    assert {score.representation for score in scores} == {"colour"}
    for metric, expected in EXPECTED.items():
        if name in expected:
            value, tolerance = expected[name]
            assert found[metric] == pytest.approx(value, abs=tolerance + 1e-12), metric


def test_warnings_name_what_collapsed(reference: Reference) -> None:
    def warned(name: str) -> tuple[str, ...]:
        vectors = made(name, X, ROWS.labels["colour"])
        scores = retained(vectors, reference, aspect="colour")
        return collapse(scores, neighbours_chance=reference.neighbours_chance)

    assert not warned("perfect")
    assert not warned("directions")
    (alone,) = warned("random")
    assert "neighbours, below 0.042; chance keeps 0.008" in alone
    kept, rank = warned("rank one")
    assert "for colour has effective rank 1.00, below 2" in rank
    assert "neighbours" in kept


def test_among_few_rows_a_warning_names_the_limit_that_holds_there() -> None:
    (warning,) = collapse([Score("neighbours_kept", 0.5, "colour")], neighbours_chance=0.2)
    assert warning.endswith("keeps 0.500 of the neighbours, below 0.600; chance keeps 0.200")


def kept(first: np.ndarray, second: np.ndarray) -> float:
    return float(kept_of_rows(first, second).mean())


def test_without_pairs_details_or_clear_factors_they_are_missing() -> None:
    bare = replace(ROWS, details={})
    found = referred(X, bare, X[:1])
    assert found.pair_texts == ()
    scores = retained(X, found, aspect="colour", pair_vectors=PAIR_VECTORS)
    metrics = {score.metric for score in scores}
    assert metrics == {"neighbours_kept", "effective_rank", "recovered", "linear_cka"}
    assert not {s.metric for s in retained(X, found, aspect="animal")} - metrics
    with pytest.raises(ValueError, match="9 vectors for a reference of 1200 rows"):
        retained(X[:9], found, aspect="colour")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("training", [X[:1], np.zeros_like(X[:50]), X[:50]])
@pytest.mark.parametrize("encoder", [X, np.zeros_like(X), np.repeat(X[:, :1], WIDTH, axis=1)])
def test_few_rows_and_collapsed_encoders_give_numbers(
    encoder: np.ndarray, training: np.ndarray
) -> None:
    rows = ROWS.take(np.arange(24))
    found = referred(encoder[:24], rows, training)
    for vectors in (X[:24], np.zeros((24, 3), dtype=np.float32)):
        scores = retained(vectors, found, aspect="colour")
        assert all(np.isfinite(score.value) for score in scores)


def test_sources_count_as_a_factor_where_they_differ() -> None:
    sources = tuple("one" if x > 0 else "two" for x in X[:, 5])
    found = referred(X, replace(ROWS, sources=sources), X[:1])
    assert list(found.factors) == ["source"]
    scores = retained(made("labels", X, ROWS.labels["colour"]), found, aspect="colour")
    (value,) = [s.value for s in scores if s.metric == "other_factors" and s.factor == "source"]
    assert abs(value) < 0.1


def test_sts_pairs_are_those_of_the_folder_or_generated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(DATA_DIR_VARIABLE, raising=False)
    made_up = sts_corpus(None)
    assert made_up is not None
    assert len(sts_pairs(made_up)) >= 100
    assert sts_corpus(tmp_path) is None
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(tmp_path))
    assert sts_corpus(None) is None


def test_real_sts_pairs_are_the_test_part() -> None:
    if not (REAL / "stsb.parquet").is_file():
        pytest.skip("the real corpora are not at ../shared/data")
    corpus = sts_corpus(REAL)
    assert corpus is not None
    assert len(sts_pairs(corpus)) == 1379


# --- neighbours


def brute_force(z: np.ndarray, groups: np.ndarray, k: int) -> np.ndarray:
    found = []
    for i, row in enumerate(z.astype(np.float64)):
        distance = ((z - row) ** 2).sum(axis=1)
        distance[groups == groups[i]] = np.inf
        found.append(np.sort(np.argsort(distance, kind="stable")[:k]))
    return np.array(found)


@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 3))
@settings(max_examples=40)
def test_neighbours_are_those_of_brute_force(seed: int, width: int, size: int) -> None:
    # On a lattice most distances are ties.
    z = np.random.default_rng(seed).integers(-2, 3, size=(40, width)).astype(np.float32)
    groups = np.arange(40) // size
    assert_array_equal(neighbours(z, groups), brute_force(z, groups, NEIGHBOURS))


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = np.unique(ROWS.groups, return_inverse=True)[1]
    whole = neighbours(X, groups)
    monkeypatch.setattr("harness.evaluation.retention.neighbours.BLOCK_NUMBERS", 7 * len(X))
    assert_array_equal(neighbours(X, groups), whole)


def test_a_film_told_apart_is_no_neighbour_kept() -> None:
    """Rows of one group lie together in both spaces, which have nothing else in common."""
    rng = np.random.default_rng(0)
    groups = np.arange(600) // 4
    x, z = (rng.normal(size=(150, 8))[groups] + 0.01 * rng.normal(size=(600, 8)) for _ in range(2))
    assert kept(neighbours(x, groups), neighbours(z, groups)) == pytest.approx(
        neighbours_chance(groups), abs=0.01
    )
    alone = np.arange(600)
    assert kept(neighbours(x, alone), neighbours(z, alone)) > 0.25


def test_chance_and_few_rows() -> None:
    assert neighbours_chance(np.arange(101)) == pytest.approx(10 / 100)
    assert neighbours(X[:4], np.array([0, 0, 1, 2])).shape == (4, 2)
    assert neighbours(X[:3], np.zeros(3, dtype=np.int64)).shape == (3, 0)


# --- recovered


def recovers(z: np.ndarray, x: np.ndarray = X) -> float:
    return recovered(CrossRidge(z, ROWS.cells, fold_of_rows(FOLDS)), x)


def test_labels_earn_nothing_because_cell_means_are_known() -> None:
    far = X + 4 * np.eye(WIDTH)[ROWS.cells].astype(np.float32)
    onehot = np.eye(4)[ROWS.cells].astype(np.float32)
    assert recovers(onehot, far) == 0
    folds = np.arange(len(ROWS)) % 5
    # Control: with the overall mean alone known, labels earn most of the variance between cells.
    assert recovered(CrossRidge(onehot, np.zeros_like(folds), folds), far) > 0.2


@pytest.mark.parametrize("name", ["directions", "random", "perfect"])
def test_a_copy_of_another_label_changes_nothing(name: str) -> None:
    z = made(name, X, ROWS.labels["colour"])
    copy = 50 * ROWS.labels["animal"][:, None].astype(np.float32)
    assert recovers(np.hstack([z, copy])) == pytest.approx(recovers(z), abs=1e-9)


def test_a_dead_unit_changes_nothing() -> None:
    z = made("directions", X, ROWS.labels["colour"])
    dead = 1e-9 * np.random.default_rng(0).normal(size=(len(z), 1)).astype(np.float32)
    assert recovers(np.hstack([z, dead])) == pytest.approx(recovers(z), abs=1e-9)


def test_rows_that_only_fit_by_heart_recover_nothing() -> None:
    """Very many units fit any target: cross-fitting and the penalty see through it."""
    z = np.random.default_rng(0).normal(size=(len(X), 400)).astype(np.float32)
    assert abs(recovers(z)) < 0.02


def test_ridge_equals_a_plain_one_with_inner_folds() -> None:
    """Fold sums and one decomposition give what the definition gives, row by row."""
    from sklearn.linear_model import Ridge

    rng = np.random.default_rng(1)
    folds, cells = np.arange(120) % 4, rng.integers(0, 3, 120)
    z, x = rng.normal(size=(120, 7)) + cells[:, None], rng.normal(size=(120, 3))
    x[:, 0] += z[:, 1]

    def within(fitting: np.ndarray, values: np.ndarray) -> np.ndarray:
        means = np.stack([values[fitting & (cells == cell)].mean(axis=0) for cell in range(3)])
        return np.asarray(values - means[cells])

    def told(fitting: np.ndarray, penalty: float) -> tuple[np.ndarray, np.ndarray]:
        a, b = within(fitting, z), within(fitting, x)
        a = a / a[fitting].std(axis=0)
        ridge = Ridge(alpha=penalty, fit_intercept=False).fit(a[fitting], b[fitting])
        return b, ridge.predict(a)

    rest, found = CrossRidge(z, cells, folds).predict(x)
    for fold in range(4):
        errors = np.zeros(len(PENALTIES))
        for inner in set(range(4)) - {fold}:
            for place, penalty in enumerate(PENALTIES):
                b, said = told((folds != fold) & (folds != inner), penalty)
                errors[place] += ((b - said)[folds == inner] ** 2).sum()
        b, said = told(folds != fold, PENALTIES[errors.argmin()])
        here = folds == fold
        np.testing.assert_allclose(rest[here], b[here], atol=1e-9)
        np.testing.assert_allclose(found[here], said[here], atol=1e-9)


# --- invariants

POWERS = st.floats(0.01, 100)


@given(st.integers(0, 1000), POWERS, st.integers(2, WIDTH))
@settings(max_examples=15)
def test_rotation_shift_and_one_scale_change_no_geometry(
    seed: int, scale: float, width: int
) -> None:
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=(80, width)), rng.normal(size=(80, width)) * rng.exponential(size=width)
    moved = scale * (z @ np.linalg.qr(rng.normal(size=(width, width)))[0] + rng.normal(size=width))
    alone = np.arange(80)
    assert effective_rank(moved) == pytest.approx(effective_rank(z))
    assert linear_cka(x, moved) == pytest.approx(linear_cka(x, z))
    assert 1 <= effective_rank(z) <= min(79, width)
    assert 0 <= linear_cka(x, z) <= 1
    assert_array_equal(neighbours(moved, alone), neighbours(z, alone))


@given(st.integers(0, 1000))
@settings(max_examples=8)
def test_scales_of_units_change_nothing_recovered(seed: int) -> None:
    rng = np.random.default_rng(seed)
    z = X[:, :5] + 0.3 * rng.normal(size=(len(X), 5))
    scaled = z * rng.uniform(0.01, 100, size=5) + rng.normal(size=5)
    assert recovers(scaled) == pytest.approx(recovers(z), abs=1e-6)


def test_fewer_rows_than_units_bound_the_rank() -> None:
    assert effective_rank(np.random.default_rng(0).normal(size=(5, 300))) <= 4
    assert effective_rank(np.zeros((5, 3))) == 0
    assert linear_cka(X, np.zeros_like(X)) == 0


def test_rounding_is_no_variation() -> None:
    labels = ROWS.labels["colour"][:, None].astype(np.float32) * np.float32(0.1) + np.float32(0.7)
    assert np.any(labels - labels.mean(axis=0))
    assert not centred(labels, ROWS.labels["colour"]).any()
    small = X @ orthogonal().astype(np.float32) * np.float32(1e-12)
    assert effective_rank(small) == pytest.approx(effective_rank(X), rel=1e-3)

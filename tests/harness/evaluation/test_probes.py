"""Probes read what is there and nothing else, and never across a group."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
from sklearn.metrics import log_loss
from sklearn.tree import ExtraTreeRegressor

from data.errors import UserError
from data.rows import Rows
from harness.evaluation.probes import (
    PROBES,
    ProbeInput,
    ProbeResult,
    checked,
    cross_fit,
    cross_fit_all,
    group_folds,
    kept_groups,
    single_threaded,
)
from harness.evaluation.probes.cross_fit import entropy_bits, strongest
from harness.evaluation.probes.family import Fit, Target, Work
from harness.evaluation.probes.forest import LEAF, SPLITS, TREES, stopped

MakeRows = Callable[..., Rows]


def noise(rows: int, width: int = 8, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, width)).astype(np.float32)


@pytest.mark.parametrize("kind", PROBES)
def test_a_probe_finds_a_planted_factor_and_no_other(kind: str, toy_rows: MakeRows) -> None:
    rows = toy_rows(50)
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
        assert 0.36 < right[chance] < 0.64


@pytest.mark.parametrize("kind", PROBES)
def test_permuted_labels_give_chance_and_no_usable_bits(kind: str, toy_rows: MakeRows) -> None:
    """Rows of noise are permuted, and not labels, whose classes then differ between folds."""
    rows = toy_rows(50)
    folds, results = group_folds(rows, seed=1), list[ProbeResult]()
    for turn in range(2):
        given = ProbeInput.of(noise(len(rows), 20, seed=turn), len(rows), seed=1)
        results += cross_fit_all(PROBES[kind], given, rows.labels, folds).values()
    accuracy = np.mean([result.accuracy for result in results])
    assert abs(accuracy - 0.5) < 2 * 0.5 / (len(results) * len(rows)) ** 0.5
    assert max(result.usable_bits for result in results) < 0.05
    assert results[0].entropy == pytest.approx(1.0)


@pytest.mark.parametrize("kind", PROBES)
def test_a_leak_of_eight_in_ten_rows_along_one_direction_is_found(
    kind: str, toy_rows: MakeRows
) -> None:
    rows = toy_rows(125)
    rng = np.random.default_rng(2)
    told = np.where(rng.random(len(rows)) < 0.8, rows.labels["colour"], 1 - rows.labels["colour"])
    features = noise(len(rows), 6)
    features[:, 2] = 4 * told + rng.normal(size=len(rows)) / 2
    folds = group_folds(rows, seed=3)
    result = cross_fit(kind, features, rows.labels["colour"], folds, seed=3)
    assert result.accuracy == pytest.approx((told == rows.labels["colour"]).mean(), abs=0.04)
    # Of the 1 - H(.8) = .278 bits that the leak holds.
    assert 0.1 < result.usable_bits < 0.34


@pytest.mark.parametrize("kind", PROBES)
def test_one_seed_gives_one_result_in_any_number_of_threads(kind: str, toy_rows: MakeRows) -> None:
    rows = toy_rows(10)
    features = noise(len(rows), 5) + rows.labels["animal"][:, None].astype(np.float32)
    folds = group_folds(rows, seed=0)
    found = []
    for threads in (1, 1, 4):
        given = ProbeInput.of(features, len(rows), seed=9)
        with single_threaded():
            factors = cross_fit_all(PROBES[kind], given, rows.labels, folds, threads=threads)
        found.append(factors["animal"])
    for other in found[1:]:
        assert np.array_equal(found[0].correct, other.correct)
        assert np.array_equal(found[0].bits, other.bits)
        assert found[0].choices == other.choices


@pytest.mark.parametrize("kind", PROBES)
def test_a_constant_representation_gives_chance(kind: str, toy_rows: MakeRows) -> None:
    rows = toy_rows(20)
    features = np.full((len(rows), 4), 0.1, dtype=np.float32)
    folds = group_folds(rows, seed=0)
    result = cross_fit(kind, features, rows.labels["colour"], folds, seed=0)
    assert 0.3 < result.accuracy < 0.7
    assert result.usable_bits < 0.01


def test_units_of_rounding_noise_are_left_out(toy_rows: MakeRows) -> None:
    """Standardised they would tell a factor that their scale hides from everything else."""
    rows = toy_rows(50)
    features = noise(len(rows), 12)
    features[:, :3] = 1e-9 * (rows.labels["colour"][:, None] + 0.1 * noise(len(rows), 3, seed=1))
    folds = group_folds(rows, seed=0)
    given = ProbeInput.of(features, len(rows), seed=0)
    assert given.dropped == 3
    assert given.features.shape[1] == 9
    assert "3 of 12 units" in given.warnings[0]
    guarded = cross_fit("linear", features, rows.labels["colour"], folds, seed=0)
    assert guarded.accuracy < 0.6
    # The control: without the guard the same units give everything away.
    loose = features / features.std(axis=0)
    assert cross_fit("linear", loose, rows.labels["colour"], folds, seed=0).accuracy > 0.97
    assert ProbeInput.of(loose, len(rows), seed=0).warnings == ()


def test_copies_and_rotations_change_nothing_for_the_linear_probe(toy_rows: MakeRows) -> None:
    rows = toy_rows(60)
    features = noise(len(rows), 6)
    features[:, 0] += rows.labels["colour"]
    features -= features.mean(axis=0)
    root = np.linalg.cholesky(np.linalg.inv(np.cov(features.T)))
    white = (features @ root).astype(np.float32)
    turn = np.linalg.qr(noise(6, 6, seed=4))[0].astype(np.float32)
    folds = group_folds(rows, seed=0)
    plain, turned = (
        cross_fit("linear", each, rows.labels["colour"], folds, seed=0)
        for each in (white, white @ turn)
    )
    assert plain.choices == turned.choices
    assert np.allclose(plain.bits, turned.bits, atol=0.01)
    # Two copies of each unit are the same probe under half of the penalty.
    twice = cross_fit("linear", np.hstack([white, white]), rows.labels["colour"], folds, seed=0)
    assert twice.accuracy == pytest.approx(plain.accuracy, abs=0.03)


def test_the_strength_fits_the_representation(toy_rows: MakeRows) -> None:
    """Pure noise asks for the strongest regularisation, a wide margin for a weak one."""
    rows = toy_rows(50)
    folds, labels = group_folds(rows, seed=0), rows.labels["colour"]
    silent = cross_fit("linear", noise(len(rows), 60), labels, folds, seed=0)
    clear = (noise(len(rows), 2) / 9 + labels[:, None]).astype(np.float32)
    told = cross_fit("linear", clear, labels, folds, seed=0)
    assert set(silent.choices) <= {"C=0.0001", "C=0.001", "C=0.01"}
    assert set(told.choices) <= {"C=10", "C=100"}


def test_no_choice_sees_the_outer_part(toy_rows: MakeRows) -> None:
    """Whatever the labels of a fold are, its own strength and inner loss stay."""
    rows = toy_rows(40)
    features = noise(len(rows), 4) + rows.labels["colour"][:, None].astype(np.float32)
    folds = group_folds(rows, seed=0)
    labels = rows.labels["colour"]
    spoilt = labels.copy()
    spoilt[folds[2][1]] = 1 - spoilt[folds[2][1]]
    for kind in ("linear", "mlp"):
        honest, other = (cross_fit(kind, features, y, folds, seed=0) for y in (labels, spoilt))
        assert honest.inner_bits[2] == other.inner_bits[2]
        assert honest.choices[2] == other.choices[2]
        assert abs(honest.inner_bits[1] - other.inner_bits[1]) > 1e-3


def test_the_strongest_is_what_inner_rows_choose(toy_rows: MakeRows) -> None:
    rows = toy_rows(10)
    folds = group_folds(rows, seed=0)
    n = len(rows)
    first = ProbeResult(np.zeros(n, bool), np.ones(n), 1.0, ("a",) * 5, (0.1, 0.9, 0.1, 0.5, 0.1))
    second = ProbeResult(np.ones(n, bool), np.zeros(n), 1.0, ("b",) * 5, (0.2, 0.2, 0.2, 0.5, 0.3))
    best = strongest([first, second], folds)
    # The second is right everywhere, but the inner rows prefer it in the second fold alone.
    assert best.choices == ("a", "b", "a", "a", "a")
    assert best.correct.sum() == len(folds[1][1])
    assert best.inner_bits == (0.1, 0.2, 0.1, 0.5, 0.1)


def test_usable_bits_start_from_the_class_frequencies() -> None:
    labels = np.repeat([0, 1], [90, 10])
    entropy = entropy_bits(labels)
    assert entropy == pytest.approx(0.469, abs=1e-3)
    told = -np.log2(np.where(labels == 1, 0.1, 0.9))
    knows_the_prior = ProbeResult(labels == 0, told, entropy, (), ())
    assert knows_the_prior.usable_bits == pytest.approx(0.0, abs=1e-9)


def test_a_share_of_the_rows_keeps_whole_groups(toy_rows: MakeRows) -> None:
    rows = toy_rows(100)
    groups = np.arange(len(rows)) // 7
    kept = kept_groups(groups, 0.25, seed=0)
    assert 0.25 <= kept.mean() < 0.3
    assert not set(groups[kept]) & set(groups[~kept])
    features = noise(len(rows), 30) + 0.8 * rows.labels["colour"][:, None].astype(np.float32)
    given = ProbeInput.of(features, len(rows), seed=0)
    folds = group_folds(rows, seed=0)
    few, whole = (
        cross_fit_all(PROBES["linear"], given, rows.labels, folds, kept=each)
        for each in (kept, None)
    )
    assert len(few["colour"].correct) == len(rows)
    assert few["colour"].usable_bits < whole["colour"].usable_bits


@pytest.mark.parametrize("kind", PROBES)
def test_any_number_of_classes(kind: str, toy_rows: MakeRows) -> None:
    rows = toy_rows(8, (2, 3, 4))
    features = noise(len(rows))
    features[np.arange(len(rows)), rows.labels["size"]] += 8
    folds = group_folds(rows, seed=0)
    assert cross_fit(kind, features, rows.labels["size"], folds, seed=0).accuracy > 0.9


def test_all_but_the_linear_probe_read_an_exclusive_or(toy_rows: MakeRows) -> None:
    rows = toy_rows(60)
    signs = np.random.default_rng(0).choice([-1.0, 1.0], size=len(rows))
    features = np.stack([signs, signs * (2 * rows.labels["colour"] - 1)], axis=1)
    features = (features + noise(len(rows), 2) / 10).astype(np.float32)
    folds = group_folds(rows, seed=0)
    read = {
        kind: cross_fit(kind, features, rows.labels["colour"], folds, seed=0).accuracy
        for kind in PROBES
    }
    assert read.pop("linear") < 0.65
    assert min(read.values()) > 0.9, read


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


def test_a_draw_is_split_once_and_other_rows_groups_and_seeds_again(toy_rows: MakeRows) -> None:
    rows = toy_rows(20)

    def scored(seed: int, groups: np.ndarray, cells: str = "animal") -> list[np.ndarray]:
        labels = {**rows.labels, "animal": rows.labels[cells]}
        own = Rows(rows.ids, rows.texts, labels, groups, rows.aspects)
        return [scoring for _, scoring in group_folds(own, seed=seed)]

    pairs = np.arange(len(rows)) // 2
    first = scored(1, pairs)
    assert all(a is b for a, b in zip(first, scored(1, 10 * pairs), strict=True))
    for other in (scored(2, pairs), scored(1, pairs[::-1] // 2), scored(1, pairs, cells="colour")):
        assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


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


def forest_of(rows: int, classes: int) -> tuple[Work, np.ndarray, list[np.ndarray]]:
    """Half of the rows to fit on, and what the forest tells of the others at each strength."""
    labels = np.arange(rows) % 3
    features = noise(rows)
    features[:, 0] += labels
    features[:, 1] -= labels == 1
    parts = [(np.arange(rows // 2), np.arange(rows // 2, rows))]
    work = Work(features, parts, [Target(labels, classes)], seed=5)
    fits = [Fit(0, 0, strength) for strength in range(len(SPLITS))]
    return work, labels, PROBES["forest"].probabilities(None, work, fits)


def test_the_forest_is_that_of_scikit_learn() -> None:
    """Byte for byte, for classes that no row has, too."""
    work, labels, told = forest_of(200, classes=4)
    trees = ExtraTreesRegressor(
        TREES,
        min_samples_split=min(SPLITS),
        min_samples_leaf=LEAF,
        max_features="sqrt",
        random_state=5,
    )
    trees.fit(work.features[:100], np.eye(4)[labels[:100]])
    weakest = told[SPLITS.index(min(SPLITS))]
    assert np.array_equal(weakest, trees.predict(work.features[100:]))
    assert not any(each[:, 3].any() for each in told)


@pytest.mark.parametrize("rows", SPLITS)
def test_a_tree_that_stops_is_the_top_of_one_that_goes_on(rows: int) -> None:
    features = noise(300)
    grown = ExtraTreeRegressor(min_samples_leaf=LEAF, random_state=0)
    tree = grown.fit(features, features[:, :2]).tree_
    ends = stopped(tree, rows)
    for row in features:
        node = 0
        while tree.n_node_samples[node] >= rows and tree.children_left[node] >= 0:
            below = row[tree.feature[node]] <= tree.threshold[node]
            node = (tree.children_left if below else tree.children_right)[node]
        assert ends[tree.apply(row[None])[0]] == node


@pytest.mark.parametrize("strength", range(len(SPLITS)))
def test_trees_on_indicators_classify_as_those_on_labels_do(strength: int) -> None:
    """They split alike but for ties and draws."""
    work, labels, told = forest_of(2000, classes=3)
    trees = ExtraTreesClassifier(
        TREES, min_samples_split=SPLITS[strength], min_samples_leaf=LEAF, random_state=5
    )
    expected = trees.fit(work.features[:1000], labels[:1000]).predict_proba(work.features[1000:])
    truth = labels[1000:]
    losses = [log_loss(truth, p) for p in (told[strength], expected)]
    accuracies = [(p.argmax(axis=1) == truth).mean() for p in (told[strength], expected)]
    assert losses[0] == pytest.approx(losses[1], abs=0.015)
    assert accuracies[0] == pytest.approx(accuracies[1], abs=0.02)
    assert accuracies[0] > 0.5

"""Erasers: what linear probes read goes, the rest stays, and the closed forms hold."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from concept_erasure import optimal_linear_shrinkage
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import null_space
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from baselines.erasure import Eraser, Labelled, Scaling, cell_weights, one_hot
from baselines.inlp import Inlp, InlpSettings, joined, nullspace_directions
from baselines.leace import Leace, leace_eraser
from baselines.rlace import Rlace, RlaceSettings, game_directions, project_fantope
from baselines.untuned import Untuned
from data.errors import UserError
from data.rows import TrainingTask
from harness.contract.artifacts import write_artifact
from harness.system.progress import silent

WIDTH = 32
MIXING = np.eye(WIDTH) + np.random.default_rng(0).normal(size=(WIDTH, WIDTH)) / 7
"""Makes the covariance of the vectors anything but a sphere."""


def gaussian(count: int, classes: tuple[int, ...], *, seed: int, agreeing: float = 0.0) -> Labelled:
    """Gaussian vectors whose means tell each aspect `a0`, `a1`, ...; all rows weigh the same.

    With a probability of `agreeing`, the class of `a1` is that of `a0`.
    """
    random = np.random.default_rng(seed)
    codes = {f"a{k}": random.integers(0, size, count) for k, size in enumerate(classes)}
    if agreeing:
        codes["a1"] = np.where(random.random(count) < agreeing, codes["a0"], codes["a1"])
    vectors = random.normal(size=(count, WIDTH))
    start = 0
    for labels, size in zip(codes.values(), classes, strict=True):
        vectors[:, start : start + size] += 3 * np.eye(size)[labels]
        start += size
    return Labelled(vectors @ MIXING, codes, np.ones(count))


def without(rows: Labelled, *kept: str) -> Labelled:
    """The rows with all aspects but these to erase."""
    return replace(rows, labels={k: v for k, v in rows.labels.items() if k not in kept})


def cell_balanced(rows: Labelled) -> Labelled:
    """The rows, weighed so that every combination of classes counts alike."""
    cells = np.unique(np.stack([*rows.labels.values()]), axis=1, return_inverse=True)[1]
    return replace(rows, weights=cell_weights(cells.ravel()))


def erased(eraser: Eraser, rows: Labelled) -> Labelled:
    return rows.moved(eraser(rows.vectors.astype(np.float32)).astype(np.float64))


def accuracy(aspect: str, train: Labelled, test: Labelled) -> float:
    """Of a new linear probe."""
    probe = LogisticRegression(max_iter=2000).fit(train.vectors, train.labels[aspect])
    return float(probe.score(test.vectors, test.labels[aspect]))


def inlp_eraser(train: Labelled, valid: Labelled) -> Eraser:
    scaling = Scaling.of(train)
    scaled = scaling(train), scaling(valid)
    found = nullspace_directions(*scaled, InlpSettings(iterations=8))
    return scaling.eraser(found.T, found)


def rlace_eraser(train: Labelled, **settings: float) -> Eraser:
    scaling = Scaling.of(train)
    found = game_directions(scaling(train), RlaceSettings(**settings), seed=0)
    return scaling.eraser(found.T, found)


CORES: dict[str, Callable[[Labelled, Labelled], Eraser]] = {
    "inlp": inlp_eraser,
    "leace": lambda train, valid: leace_eraser(train),
    "rlace": lambda train, valid: rlace_eraser(train),
}


@pytest.mark.parametrize("kind", CORES)
def test_a_new_linear_probe_is_at_chance_for_every_erased_aspect(kind: str) -> None:
    train, valid, test = (gaussian(4000, (2, 2, 3), seed=seed) for seed in range(3))
    eraser = CORES[kind](without(train, "a0"), without(valid, "a0"))
    after_train, after_test = erased(eraser, train), erased(eraser, test)
    for aspect, chance in (("a1", 1 / 2), ("a2", 1 / 3)):
        assert accuracy(aspect, train, test) > chance + 0.3
        assert abs(accuracy(aspect, after_train, after_test) - chance) < 0.04
    assert accuracy("a0", after_train, after_test) > 0.85


def test_leace_leaves_no_covariance_with_any_erased_label_under_the_weights() -> None:
    rows = cell_balanced(gaussian(600, (2, 2, 3), seed=0, agreeing=0.6))
    after = erased(leace_eraser(without(rows, "a0")), rows)

    def covariance(of: Labelled, aspect: str) -> float:
        mean = np.average(of.vectors, axis=0, weights=of.weights)
        centred = (of.vectors - mean) * of.weights[:, None]
        return float(np.abs(centred.T @ one_hot(of.labels[aspect]) / len(of.weights)).max())

    for aspect in ("a1", "a2"):
        assert covariance(rows, aspect) > 0.3
        assert covariance(after, aspect) < 1e-5
    assert covariance(after, "a0") > 0.3


def test_leace_is_the_closed_form_worked_in_numpy() -> None:
    rows = cell_balanced(gaussian(300, (2, 3), seed=0))
    shares = rows.weights / rows.weights.sum()
    mean = shares @ rows.vectors
    spread = np.sqrt(shares @ (rows.vectors - mean) ** 2)
    centred = (rows.vectors - mean) / spread
    covariance = optimal_linear_shrinkage(
        torch.from_numpy((centred.T * shares) @ centred), 1 / (shares**2).sum()
    ).numpy()
    values, vectors = np.linalg.eigh(covariance)
    whiten, colour = ((vectors * values**power) @ vectors.T for power in (-0.5, 0.5))
    labels = np.hstack([np.eye(2)[rows.labels["a0"]], np.eye(3)[rows.labels["a1"]]])
    cross = whiten @ (centred.T * shares) @ (labels - shares @ labels)
    onto_range = cross @ np.linalg.pinv(cross, rcond=1e-9)
    expected = rows.vectors - centred @ (colour @ onto_range @ whiten).T * spread
    eraser = leace_eraser(rows)
    assert eraser.right.shape == (3, WIDTH)
    np.testing.assert_allclose(erased(eraser, rows).vectors, expected, atol=1e-4)
    assert np.abs(rows.vectors - expected).max() > 1


def test_leace_moves_the_vectors_less_than_the_projections_of_inlp_and_rlace() -> None:
    train, valid = (without(gaussian(4000, (2, 2), seed=seed), "a0") for seed in range(2))
    erasers = [CORES[kind](train, valid) for kind in ("leace", "inlp", "rlace")]
    after = [erased(eraser, train) for eraser in erasers]
    moved = [float(np.square(rows.vectors - train.vectors).sum(1).mean()) for rows in after]
    assert 0 < moved[0] < 0.9 * min(moved[1:])
    assert accuracy("a1", train, valid) > 0.9
    for eraser, rows in zip(erasers, after, strict=True):
        assert accuracy("a1", rows, erased(eraser, valid)) < 0.56


def test_rlace_hides_an_aspect_in_one_direction_and_keeps_the_other() -> None:
    train, test = gaussian(4000, (2, 2), seed=0), gaussian(4000, (2, 2), seed=1)
    eraser = rlace_eraser(without(train, "a0"))
    assert eraser.right.shape == (1, WIDTH)
    after_train, after_test = erased(eraser, train), erased(eraser, test)
    assert accuracy("a1", train, test) > 0.9
    assert abs(accuracy("a1", after_train, after_test) - 0.5) < 0.05
    assert accuracy("a0", after_train, after_test) > accuracy("a0", train, test) - 0.01


def test_the_game_is_won_by_the_difference_of_the_class_means() -> None:
    """Without it both classes have one mean, and no linear classifier beats a constant one."""
    rows = without(gaussian(4000, (2, 2), seed=0), "a0")
    rows = Scaling.of(rows)(rows)
    first = rows.labels["a1"] == 0
    gap = rows.vectors[~first].mean(0) - rows.vectors[first].mean(0)
    gap /= np.linalg.norm(gap)
    reading = LogisticRegression().fit(rows.vectors, rows.labels["a1"]).coef_[0]
    assert abs(reading @ gap) / np.linalg.norm(reading) < 0.9
    (direction,) = game_directions(rows, RlaceSettings(), seed=0)
    assert abs(direction @ gap) > 0.98


@pytest.mark.parametrize("rank", [-1, WIDTH])
def test_a_rank_that_erases_nothing_or_everything_is_refused(rank: int) -> None:
    with pytest.raises(UserError, match=f"from 1 to {WIDTH - 1}"):
        rlace_eraser(gaussian(50, (2, 2), seed=0), rank=rank)


@given(seed=st.integers(0, 2**32 - 1), width=st.integers(1, 9), data=st.data())
def test_the_fantope_projection_is_the_closest_feasible_point(
    seed: int, width: int, data: st.DataObject
) -> None:
    rank = data.draw(st.integers(1, width))
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(width, width)) * data.draw(st.sampled_from([0.01, 1.0, 50.0]))
    matrix = matrix + matrix.T
    point, leading = project_fantope(matrix, rank)
    values = np.linalg.eigvalsh(point)
    assert values.min() > -1e-8
    assert values.max() < 1 + 1e-8
    assert np.trace(point) == pytest.approx(rank, abs=1e-6)
    np.testing.assert_allclose(project_fantope(point, rank)[0], point, atol=1e-6)
    np.testing.assert_allclose(leading @ leading.T, np.eye(rank), atol=1e-8)
    # No feasible point lies on the matrix's side of the closest one.
    for _ in range(5):
        turned, _ = np.linalg.qr(random.normal(size=(width, width)))
        shares = random.random()
        feasible = shares * turned[:, :rank] @ turned[:, :rank].T + (1 - shares) * (
            np.eye(width) * rank / width
        )
        scale = 1 + np.abs(matrix).max()
        assert np.sum((matrix - point) * (feasible - point)) <= 1e-6 * scale


def test_joined_rowspaces_leave_the_intersection_of_nullspaces() -> None:
    random = np.random.default_rng(0)
    first, second = joined(random.normal(size=(2, 8))), joined(random.normal(size=(3, 8)))
    basis = joined(first, second, first)
    projection = np.eye(8) - basis.T @ basis
    kernel = null_space(np.concatenate([first, second]))
    np.testing.assert_allclose(projection, kernel @ kernel.T, atol=1e-10)
    # The product of the two projections is not the projection on their intersection.
    product = (np.eye(8) - second.T @ second) @ (np.eye(8) - first.T @ first)
    assert np.abs(first @ product).max() > 0.05


def test_inlp_stops_when_new_classifiers_do_no_better_than_guessing() -> None:
    train, valid = (without(gaussian(4000, (2, 2), seed=seed), "a0") for seed in range(2))
    assert 0 < inlp_eraser(train, valid).right.shape[0] < 8
    random = np.random.default_rng(0)
    noise = replace(valid, labels={"a1": random.permutation(valid.labels["a1"])})
    assert inlp_eraser(train, noise).right.shape[0] == 0


@pytest.mark.parametrize("kind", CORES)
def test_balanced_cells_keep_the_other_aspect_where_rows_as_drawn_lose_it(kind: str) -> None:
    train, valid = (gaussian(4000, (2, 2), seed=seed, agreeing=0.7) for seed in range(2))
    probed, test = (gaussian(4000, (2, 2), seed=seed) for seed in (2, 3))
    read = {}
    for name, rows in (
        ("as drawn", (train, valid)),
        ("balanced", (cell_balanced(train), cell_balanced(valid))),
    ):
        eraser = CORES[kind](*(without(part, "a0") for part in rows))
        after = erased(eraser, probed), erased(eraser, test)
        read[name] = {aspect: accuracy(aspect, *after) for aspect in ("a0", "a1")}
    assert accuracy("a0", probed, test) > 0.97
    assert read["balanced"]["a0"] > read["as drawn"]["a0"] + 0.07
    assert read["balanced"]["a1"] < 0.56
    assert read["as drawn"]["a1"] > 0.62


def standardised_accuracy(train: Labelled, test: Labelled) -> float:
    """Of a linear probe for `a1` that, unlike the harness's, keeps units that are all but dead."""
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=1000))
    probe.fit(train.vectors, train.labels["a1"])
    return float(probe.score(test.vectors, test.labels["a1"]))


@pytest.mark.parametrize("kind", CORES)
def test_units_that_are_all_but_dead_do_not_betray_what_was_erased(kind: str) -> None:
    """A probe that standardises reads them as well as any other."""

    def with_dead_units(rows: Labelled) -> Labelled:
        dying = 1e-32 * rows.vectors[:, :2]
        dead = np.full((len(dying), 2), [0.0, 0.7])
        parts = rows.vectors[:, :9], dying, rows.vectors[:, 9:], dead
        return rows.moved(np.hstack(parts).astype(np.float32))

    train, valid, test = (with_dead_units(gaussian(4000, (2, 2), seed=s)) for s in range(3))
    eraser = CORES[kind](without(train, "a0"), without(valid, "a0"))
    after_train, after_test = erased(eraser, train), erased(eraser, test)
    np.testing.assert_array_equal(after_test.vectors[:, -2:], test.vectors[:, -2:])
    assert standardised_accuracy(after_train, after_test) < 0.56
    # A trace at the scale that rounding has between the other units is enough.
    for rows in (after_train, after_test):
        rows.vectors[:, -2] = 1e-18 * rows.labels["a1"]
    assert standardised_accuracy(after_train, after_test) > 0.95


@pytest.mark.parametrize("variant", ["default", "as-drawn"])
def test_a_variant_weighs_the_rows_of_a_task_as_it_says(variant, toy_rows, backbone) -> None:
    rows = toy_rows(40)
    few = np.isin(rows.cells, (1, 2)) & (np.arange(len(rows)) >= 40)
    rows = rows.take(np.flatnonzero(~few))
    task = TrainingTask("toy", rows.aspects, 0.8, rows, toy_rows(4, offset=10_000))
    method = Leace(Leace.settings_for(variant)).fit(task, backbone, seed=0, progress=silent)
    vectors = method.encode(rows.texts, "colour")
    codes = rows.labels["animal"] - 0.5
    balanced = cell_weights(rows.cells)
    gaps = {
        name: np.abs(
            np.average(vectors * codes[:, None], axis=0, weights=weights)
            - np.average(vectors, axis=0, weights=weights) * np.average(codes, weights=weights)
        ).max()
        for name, weights in (("default", balanced), ("as-drawn", np.ones(len(rows))))
    }
    assert gaps.pop(variant) < 1e-5
    assert min(gaps.values()) > 1e-3


@pytest.mark.parametrize("method_class", [Leace, Rlace])
def test_each_of_three_maps_erases_all_other_aspects_and_all_its_numbers_count(
    method_class, toy_task, backbone
) -> None:
    method = method_class().fit(toy_task(4, (2, 3, 4)), backbone, seed=0, progress=silent)
    ranks = (2 + 3) + (1 + 3) + (1 + 2)
    assert method.trainable_parameters == ranks * (32 + 32 + 1)


def test_an_eraser_without_any_direction_is_the_untuned_encoder(
    toy_task, backbone, tmp_path
) -> None:
    task = toy_task()
    method = Inlp(Inlp.Settings(iterations=0)).fit(task, backbone, seed=0, progress=silent)
    untuned = Untuned().fit(task, backbone, seed=0, progress=silent)
    method.save(tmp_path)
    loaded = Inlp().load(tmp_path, backbone)
    assert loaded.trainable_parameters == 0
    for fitted in (method, loaded):
        given_ = fitted.encode(task.train.texts, "colour")
        np.testing.assert_array_equal(given_, untuned.encode(task.train.texts, "colour"))


def test_an_artifact_without_maps_is_refused(toy_task, backbone, tmp_path) -> None:
    write_artifact(
        tmp_path,
        {},
        method="leace",
        settings=Leace.Settings(),
        aspects={"colour": 2},
        backbone=backbone,
    )
    with pytest.raises(UserError, match="holds no artifact that this version reads"):
        Leace().load(tmp_path, backbone)

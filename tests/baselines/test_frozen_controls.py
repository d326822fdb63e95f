"""Controls on frozen vectors and on words: readouts, TF-IDF, and LEACE with few dimensions."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from toys import make_rows

from baselines.decision_values import DecisionValues
from baselines.erasure import cell_weights, one_hot
from baselines.finetuned import Finetuned
from baselines.leace import Leace
from baselines.projected_leace import LeacePca, LeaceRandom
from baselines.readout import Readout
from baselines.readout_finetuned import ReadoutFinetuned
from baselines.tfidf import Tfidf
from baselines.untuned import Untuned
from data.errors import UserError
from data.rows import Aspect, Rows, TrainingTask
from harness.evaluation.probes.linear import VALUES
from harness.evaluation.retention.spectrum import effective_rank
from harness.system.progress import silent

THREE = {"colour": 2, "animal": 3, "size": 4}


def fitted(method_class, task, backbone, **settings):
    method = method_class(method_class.Settings(**settings))
    return method.fit(task, backbone, seed=2, progress=silent)


def correlated(count: int, *, seed: int, agreeing: float = 0.85) -> tuple[Rows, np.ndarray]:
    """Rows of two aspects that mostly agree, and vectors whose first units tell one each."""
    random = np.random.default_rng(seed)
    first = random.integers(0, 2, count)
    second = np.where(random.random(count) < agreeing, first, 1 - first)
    vectors = random.normal(size=(count, 12))
    vectors[:, 0] += 1.5 * first
    vectors[:, 1] += 1.5 * second
    aspects = (Aspect("first", ("a", "b")), Aspect("second", ("c", "d")))
    names = tuple(map(str, range(count)))
    labels = {"first": first, "second": second}
    return Rows(names, names, labels, np.arange(count), aspects), vectors.astype(np.float32)


def test_a_readout_is_one_number_for_two_classes_and_one_a_class_for_more(
    toy_task, backbone
) -> None:
    task = toy_task(12, (2, 3, 4))
    method = fitted(Readout, task, backbone)
    untuned = fitted(Untuned, task, backbone).encode(task.valid.texts, "colour")
    for aspect, classes in THREE.items():
        values = 1 if classes == 2 else classes
        encoded = method.encode(task.valid.texts, aspect)
        assert encoded.shape == (len(task.valid), values)
        # A linear function of the untuned vectors, and of nothing else.
        readout = method.readouts[aspect]
        assert readout.weight.shape == (values, backbone.width)
        np.testing.assert_allclose(encoded, untuned @ readout.weight.T + readout.offset, atol=1e-4)
        spectrum = np.linalg.svd(encoded - encoded.mean(0), compute_uv=False)
        assert (spectrum > 1e-4 * spectrum[0]).sum() == classes - 1
    assert effective_rank(method.encode(task.valid.texts, "colour")) == pytest.approx(1)
    assert method.trainable_parameters == (1 + 3 + 4) * (backbone.width + 1)


@pytest.mark.parametrize("trained", [False, True])
def test_decision_values_are_those_of_a_regression_in_which_cells_count_equally(trained) -> None:
    train, valid = (correlated(count, seed=seed) for seed, count in ((0, 800), (1, 300)))
    found = DecisionValues.fitted("first", train, valid, seed=0, trained=trained)
    rows, vectors = train
    scaled = (vectors - vectors.mean(0)) / vectors.std(0)

    def angle(strength: float, weights: np.ndarray) -> float:
        """Of scikit-learn's direction with the found one."""
        classifier = LogisticRegression(C=strength, tol=1e-8, max_iter=1000)
        classifier.fit(scaled, rows.labels["first"], sample_weight=weights)
        direction, ours = classifier.coef_[0], found.weight[0] * vectors.std(0)
        return float(direction @ ours / np.linalg.norm(direction) / np.linalg.norm(ours))

    balanced = cell_weights(rows.cells)
    assert max(angle(c, balanced) for c in VALUES) > 0.9999
    assert max(angle(c, np.ones(len(rows))) for c in VALUES) < 0.99
    # So it does not read the other aspect through its correlation with its own.
    assert abs(found.weight[0, 1]) < 0.2 * abs(found.weight[0, 0])


def test_strength_is_chosen_where_labels_are_not_known_by_heart() -> None:
    """Vectors that were trained may hold the labels of the training rows: a unit of them does."""
    train, valid = (correlated(count, seed=seed) for seed, count in ((0, 400), (1, 400)))
    told = np.where(train[0].labels["first"] == 1, 1, -1)[:, None].astype(np.float32)
    noise = np.random.default_rng(0).normal(size=(400, 1)).astype(np.float32)
    known = (train[0], np.hstack([train[1], told]))
    unknown = (valid[0], np.hstack([valid[1], noise]))

    def size(trained: bool) -> float:
        found = DecisionValues.fitted("first", known, unknown, seed=0, trained=trained)
        return float(np.linalg.norm(found.weight))

    assert size(trained=True) < 0.3 * size(trained=False)


def test_units_that_hardly_vary_are_not_read() -> None:
    train, valid = (correlated(count, seed=seed) for seed, count in ((0, 300), (1, 100)))
    dead = [(rows, np.hstack([vectors, 1e-9 * vectors[:, :1]])) for rows, vectors in (train, valid)]
    found = DecisionValues.fitted("first", *dead, seed=0, trained=False)
    assert found.weight[0, -1] == 0
    whole = DecisionValues.fitted("first", train, valid, seed=0, trained=False)
    np.testing.assert_allclose(found.weight[:, :-1], whole.weight, rtol=1e-4)


def test_the_readout_of_a_finetuned_encoder_reads_what_finetuning_gives(toy_task, backbone) -> None:
    task = toy_task(8, (2, 3))
    small = {"steps": 3, "batch_texts": 8}
    method = fitted(ReadoutFinetuned, task, backbone, **small)
    tuned = fitted(Finetuned, task, backbone, **small)
    for aspect, values in (("colour", 1), ("animal", 3)):
        vectors = tuned.encode(task.valid.texts, aspect)
        encoded = method.encode(task.valid.texts, aspect)
        assert encoded.shape == (len(task.valid), values)
        np.testing.assert_array_equal(encoded, method.readouts[aspect](vectors))
    read = method.trainable_parameters - tuned.trainable_parameters
    assert read == (1 + 3) * (backbone.width + 1)


def test_tfidf_has_its_width_or_as_many_as_there_are_words_or_rows(toy_task, backbone) -> None:
    task = toy_task(12, (2, 3))
    words = {"row", "red", "blue", "cat", "dog", "owl"}
    method = fitted(Tfidf, task, backbone)
    encoded = method.encode(task.valid.texts, "colour")
    assert encoded.shape == (len(task.valid), len(words))
    np.testing.assert_array_equal(encoded, method.encode(task.valid.texts, "animal"))
    # In full width it is a rotation of the weighted counts, whose rows have length 1.
    np.testing.assert_allclose(np.linalg.norm(encoded, axis=1), 1, atol=1e-5)
    assert fitted(Tfidf, task, backbone, width=4).encode(("a red cat",), "colour").shape == (1, 4)
    two = replace(task, train=task.train.take([0, 1]))
    assert fitted(Tfidf, two, backbone, min_rows=1).encode(("red",), "colour").shape == (1, 2)


def test_tfidf_knows_the_words_of_training_rows_alone(toy_task, backbone) -> None:
    method = fitted(Tfidf, toy_task(12), backbone)
    vectors = method.encode(("", "purple newt", "red", "red purple newt"), "colour")
    assert not vectors[:2].any()
    np.testing.assert_allclose(vectors[2], vectors[3], atol=1e-6)


def test_training_rows_without_common_words_are_refused(toy_task, backbone) -> None:
    task = toy_task()
    rows = make_rows(2)
    texts = tuple(f"w{i} x{i}" for i in range(len(rows)))
    with pytest.raises(UserError, match="no word stands in 2 training rows"):
        fitted(Tfidf, replace(task, train=replace(rows, texts=texts)), backbone)


def unbalanced(toy_rows) -> TrainingTask:
    """Two aspects, some of whose cells have a third of the rows that others have."""
    rows = toy_rows(30, (2, 3))
    rows = rows.take(np.flatnonzero((rows.cells % 4 == 0) | (np.arange(len(rows)) < 60)))
    return TrainingTask("toy", rows.aspects, 0.6, rows, toy_rows(4, (2, 3), offset=10_000))


def covariances(vectors: np.ndarray, rows: Rows, kept: str) -> float:
    """The largest with a class of another aspect, under weights that let cells count equally."""
    weights = cell_weights(rows.cells)
    centred = vectors - np.average(vectors, axis=0, weights=weights)
    hot = [one_hot(codes) for name, codes in rows.labels.items() if name != kept]
    return float(np.abs((centred * weights[:, None]).T @ np.hstack(hot)).max() / len(rows))


@pytest.mark.parametrize("method_class", [LeaceRandom, LeacePca])
@pytest.mark.parametrize("rank", [1, 5, 15])
def test_projected_leace_has_its_rank_and_nothing_for_linear_probes_of_the_fitting_rows(
    method_class, rank, toy_rows, backbone
) -> None:
    task = unbalanced(toy_rows)
    rows = task.train
    method = fitted(method_class, task, backbone, rank=rank)
    untuned = fitted(Untuned, task, backbone).encode(rows.texts, "colour")
    for aspect in ("colour", "animal"):
        vectors = method.encode(rows.texts, aspect)
        assert vectors.shape == (len(rows), rank)
        assert np.linalg.matrix_rank(vectors - vectors.mean(0), tol=1e-4) == rank
        assert covariances(vectors, rows, aspect) < 1e-5 < 1e-3 < covariances(untuned, rows, aspect)
        directions = method.directions[aspect]
        np.testing.assert_allclose(directions @ directions.T, np.eye(rank), atol=1e-5)
    first, second = method.directions.values()
    assert np.abs(first - second).max() > 0.01


def test_principal_components_keep_the_most_variance_and_all_dimensions_keep_everything(
    toy_rows, backbone
) -> None:
    task = unbalanced(toy_rows)
    texts, weights = task.train.texts, cell_weights(task.train.cells)

    def covariance(vectors: np.ndarray) -> np.ndarray:
        """Under weights that let cells count equally."""
        return np.cov(vectors.T, aweights=weights, bias=True)

    erased = fitted(Leace, task, backbone).encode(texts, "colour")
    random, leading = (
        fitted(method_class, task, backbone, rank=4).encode(texts, "colour")
        for method_class in (LeaceRandom, LeacePca)
    )
    spectrum = np.linalg.eigvalsh(covariance(erased))[::-1]
    np.testing.assert_allclose(covariance(leading), np.diag(spectrum[:4]), atol=1e-4 * spectrum[0])
    assert np.trace(covariance(random)) < 0.8 * spectrum[:4].sum()
    for method_class in (LeaceRandom, LeacePca):
        whole = fitted(method_class, task, backbone, rank=1000).encode(texts, "colour")
        np.testing.assert_allclose(whole @ whole.T, erased @ erased.T, rtol=1e-3, atol=1e-3)


def test_a_rank_below_one_is_refused(toy_task, backbone) -> None:
    with pytest.raises(UserError, match="rank is 0; it must be 1 or more"):
        fitted(LeacePca, toy_task(), backbone, rank=0)

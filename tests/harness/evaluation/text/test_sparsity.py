"""Hoyer sparsity against its calibration, and what probes read from a gate alone."""

import time
from collections.abc import Mapping

import numpy as np
import pytest
from text_fakes import LinearGaussian

from data.rows import IntArray
from data.texts import TextDraw, TextTask
from harness.evaluation.language import evaluate
from harness.evaluation.text.families import Gaussian, SpikeAndSlab, SpikeAndSlabPrior
from harness.evaluation.text.sparsity import dense_hoyer, hoyer, label_scores, sparsity_scores
from harness.system.progress import Progress, silent


def test_hoyer_by_hand() -> None:
    assert hoyer(np.eye(4)) == pytest.approx(1)
    flat = np.array([[1.0, -1, 1, -1], [-1, 1, -1, 1]])
    assert hoyer(flat) == pytest.approx(0)
    # Two of four: (2 - sqrt 2) / 1.
    assert hoyer(np.array([[1.0, 1, 0, 0], [0, 0, 1, 1]])) == pytest.approx(2 - 2**0.5)
    # A dimension's scale plays no part, and neither do vectors of zeros.
    assert hoyer(flat * [1, 9, 3, 5]) == pytest.approx(0)
    assert hoyer(np.vstack([np.eye(4), np.zeros((9, 4))])) == pytest.approx(1)
    assert hoyer(np.zeros((3, 4))) == hoyer(np.ones((3, 1))) == 0


def test_hoyer_of_dense_and_sparse_draws_is_what_was_derived() -> None:
    random = np.random.default_rng(0)
    assert dense_hoyer(768) == pytest.approx(0.21, abs=0.001)
    for size in (2, 32, 768):
        assert hoyer(random.standard_normal((4000, size))) == pytest.approx(
            dense_hoyer(size), abs=0.01
        )
    for off, expected in ((0.5, 0.424), (0.8, 0.595), (0.9, 0.662)):
        draws = SpikeAndSlabPrior(768, off).sample(2000, random)
        assert hoyer(draws) == pytest.approx(expected, abs=0.003)


def gated(labels: np.ndarray, *, by_gate: bool) -> SpikeAndSlab:
    """The label is in the gate of the first number, or in the slab."""
    random = np.random.default_rng(1)
    off = random.uniform(0.3, 0.7, (len(labels), 4))
    slab = random.normal(0, 1, off.shape)
    if by_gate:
        off[:, 0] = np.where(labels, 0.05, 0.95)
        slab[:, 0] = 3
    else:
        slab[:, 0] = 3.0 * labels
    return SpikeAndSlab(off, slab, np.zeros_like(off))


@pytest.mark.parametrize("by_gate", [True, False])
def test_probes_tell_where_the_label_is(by_gate: bool) -> None:
    labels = np.arange(200) % 2
    found = label_scores(gated(labels, by_gate=by_gate), {"kind": labels}, seed=0)
    values = {score.metric: score.value for score in found}
    carrier, other = ("gate", "slab") if by_gate else ("slab", "gate")
    assert values[f"{carrier}_accuracy"] > 0.95
    assert values[f"{other}_accuracy"] < 0.65
    assert values["latent_accuracy"] > 0.9
    assert values["label_chance"] == 0.5
    assert {score.factor for score in found} == {"kind"}


def test_the_slab_looks_dense_however_sparse_the_code_is() -> None:
    random = np.random.default_rng(0)
    off = np.where(random.random((500, 64)) < 0.9, 0.98, 0.02)
    posterior = SpikeAndSlab(off, random.standard_normal(off.shape), np.full(off.shape, -4.0))
    values = {score.metric: score.value for score in sparsity_scores(posterior, seed=0)}
    assert values["hoyer_slab"] == pytest.approx(values["hoyer_dense"], abs=0.02)
    assert values["hoyer"] > values["hoyer_slab"] + 0.3
    assert values["hoyer_draw"] > values["hoyer_slab"] + 0.3


def test_a_code_that_tells_nothing_is_at_chance_however_the_classes_lie() -> None:
    random = np.random.default_rng(0)
    posterior = Gaussian(random.standard_normal((400, 3)), np.zeros((400, 3)))
    labels = (random.random(400) < 0.9).astype(np.int64)
    values = {s.metric: s.value for s in label_scores(posterior, {"kind": labels}, seed=0)}
    assert values["latent_accuracy"] == pytest.approx(values["label_chance"], abs=0.05)


def test_no_fold_parts_a_group() -> None:
    """Vectors that tell which of 40 films a text is of, and nothing of its class: the control."""
    random = np.random.default_rng(3)
    films = np.repeat(np.arange(40), 5)
    classes = random.permutation(np.arange(40) % 2)[films]
    vectors = random.standard_normal((40, 40))[films] + 0.1 * random.standard_normal((200, 40))
    posterior = Gaussian(vectors, np.zeros((200, 40)))
    found = {
        name: next(
            score.value
            for score in label_scores(posterior, {"genre": classes}, groups, seed=0)
            if score.metric == "latent_accuracy"
        )
        for name, groups in (("apart", None), ("whole", films))
    }
    assert found["apart"] > 0.9
    assert found["whole"] < 0.7


def test_labels_that_nothing_can_be_fitted_on_are_left_out() -> None:
    posterior = Gaussian(np.random.default_rng(0).standard_normal((20, 3)), np.zeros((20, 3)))
    rare = np.array([0] * 18 + [1, 1])
    assert label_scores(posterior, {"same": np.zeros(20, np.int64), "rare": rare}, seed=0) == []


def test_an_evaluation_has_the_scores_of_its_labels() -> None:
    texts = tuple(f"{y:.2f}" for y in np.linspace(-2, 2, 40))
    labels = {"sign": np.array([float(text) > 0 for text in texts]).astype(np.int64)}
    draw = TextDraw(TextTask("toy", texts[:5], texts[:3]), texts, labels)
    found = evaluate(LinearGaussian(), draw, seed=0, pictures=False, progress=silent)
    values = {score.metric: score.value for score in found.scores}
    assert values["latent_accuracy"] > 0.9
    assert "gate_accuracy" not in values
    assert values["hoyer"] == 0


def test_fitting_the_model_that_reads_is_no_time_of_evaluation() -> None:
    texts = tuple(f"{y:.2f}" for y in np.linspace(-2, 2, 40))
    labels = {"sign": np.array([float(text) > 0 for text in texts]).astype(np.int64)}
    asked: list[float] = []

    def fluency(progress: Progress) -> LinearGaussian:
        time.sleep(2)
        asked.append(time.perf_counter())
        return LinearGaussian()

    def seconds(given: Mapping[str, IntArray], latent_size: int = 1) -> float:
        model = LinearGaussian()
        model.latent_size = latent_size
        draw = TextDraw(TextTask("toy", texts[:5], texts[:3]), texts, given)
        how = {"seed": 0, "pictures": False, "progress": silent, "fluency": fluency}
        found = evaluate(model, draw, **how)  # type: ignore[arg-type]
        return next(s.value for s in found.scores if s.metric == "evaluate_seconds")

    seconds({})
    seconds(labels, latent_size=0)
    # Without labels, or a latent to change, it is never made.
    assert not asked
    assert seconds(labels) < 2
    assert len(asked) == 1

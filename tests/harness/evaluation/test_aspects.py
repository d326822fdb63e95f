"""What the evaluation says of methods whose representations are known by construction."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest

from data.rows import Rows, Splits, TrainingTask
from data.syntax.evaluation import GradedPairs
from harness.contract.method import Method, Representation
from harness.contract.scores import Score
from harness.evaluation import aspects
from harness.evaluation.aspects import below_chance, evaluate
from harness.evaluation.evaluation import SAMPLE, Evaluation, artifact_bytes
from harness.evaluation.probes import chance_level
from harness.evaluation.projection import project
from harness.evaluation.retention import make_reference
from harness.store.base64_arrays import unpack_bits, unpack_points
from harness.system.progress import silent


class Oracle(Method):
    """Reads the classes, which stand in the toy texts, out of the words; adds noise."""

    name = "oracle"

    def __init__(self, leak: float = 0.0, blind: bool = False) -> None:
        super().__init__()
        self.leak = leak
        self.blind = blind
        self.encoded: list[tuple[int, str]] = []

    def fit(self, task: TrainingTask, backbone: Any, *, seed: int, progress: Any) -> Self:
        return self

    def encode(self, texts: Sequence[str], aspect: str) -> Representation:
        self.encoded.append((len(texts), aspect))
        rng = np.random.default_rng(len(texts))
        colour = np.array(["blue" in text for text in texts], dtype=float)
        animal = np.array(["dog" in text for text in texts], dtype=float)
        own, other = (colour, animal) if aspect == "colour" else (animal, colour)
        columns = [own * (0 if self.blind else 8), other * self.leak]
        features = np.stack(columns, axis=1) + rng.normal(size=(len(texts), 2))
        return features.astype(np.float32)

    def save(self, folder: Path) -> None:
        (folder / "a").write_bytes(b"12345")
        (folder / "inner").mkdir()
        (folder / "inner" / "b").write_bytes(b"123")

    def load(self, folder: Path, backbone: Any) -> Self:
        return self

    @property
    def trainable_parameters(self) -> int:
        return 17

    def scores(self) -> Sequence[Score]:
        return (Score("adversary_accuracy", 0.5, "colour", "animal"),)


@pytest.fixture(autouse=True)
def _quick_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    """All families have tests of their own; here three of them have only to be reported."""
    some = {name: aspects.PROBES[name] for name in ("linear", "mlp", "neighbours")}
    monkeypatch.setattr(aspects, "PROBES", some)


@pytest.fixture(scope="module")
def splits(toy_rows: Callable[..., Rows]) -> Splits:
    train = toy_rows(60, offset=50_000)
    # rho = .9: the classifier of the correlated rows may lean on the other aspect.
    minority = train.labels["colour"] != train.labels["animal"]
    keep = np.flatnonzero(~minority | (np.arange(len(train)) % 9 == 0))
    train = train.take(keep)
    task = TrainingTask("toy", train.aspects, 0.9, train, train)
    return Splits(task, toy_rows(60))


def measured(method: Method, splits: Splits, *, pictures: bool = False) -> Evaluation:
    return evaluate(method, splits, seed=3, pictures=pictures, progress=silent)


@pytest.fixture(scope="module")
def known(splits: Splits) -> Callable[..., Evaluation]:
    """What is found of the oracle with these arguments, evaluated once."""
    return cache(lambda **given: measured(Oracle(**given), splits))


def value(evaluation: Evaluation, metric: str, *names: str) -> float:
    (found,) = [
        score.value
        for score in evaluation.scores
        if score.metric == metric and (score.representation, score.factor, score.probe) == names
    ]
    return found


@pytest.mark.parametrize("probe", ["linear", "mlp"])
def test_separated_and_leaking_representations(
    known: Callable[..., Evaluation], probe: str
) -> None:
    clean, leaking = known(), known(leak=8)
    for evaluation in (clean, leaking):
        assert value(evaluation, "target_accuracy", "colour", "colour", probe) > 0.97
    assert value(leaking, "leakage", "colour", "animal", probe) > 0.97
    assert 0.35 < value(clean, "leakage", "colour", "animal", probe) < 0.65
    bits = [
        value(evaluation, "description_length", "colour", "animal", probe)
        for evaluation in (clean, leaking)
    ]
    assert bits[0] > 0.95
    assert bits[1] < bits[0] - 0.1


def test_the_worst_group_shows_a_shortcut(splits: Splits, known: Callable[..., Evaluation]) -> None:
    names = ("colour", "colour", "classifier")
    honest, shortcut = known(), measured(Oracle(leak=8, blind=True), splits)
    assert value(honest, "worst_group_accuracy", *names) > 0.95
    assert value(shortcut, "worst_group_accuracy", *names) < 0.2
    assert 0.4 < value(shortcut, "average_accuracy", *names) < 0.6
    cells = shortcut.cell_accuracy["colour"]
    assert min(cells.values()) == value(shortcut, "worst_group_accuracy", *names)
    assert set(cells) == set(splits.evaluation.cell_names)
    right = unpack_bits(shortcut.right["colour/colour/classifier"], len(splits.evaluation))
    assert right.mean() == pytest.approx(value(shortcut, "average_accuracy", *names))


def test_rows_are_encoded_once_for_each_aspect(splits: Splits) -> None:
    method = Oracle()
    measured(method, splits)
    rows, train = len(splits.evaluation), len(splits.training.train)
    # Once more a few texts, to measure how fast that is.
    assert sorted(method.encoded) == sorted(
        (count, aspect) for count in (rows, train, SAMPLE) for aspect in ("colour", "animal")
    )


def test_costs_and_own_scores_are_there(known: Callable[..., Evaluation]) -> None:
    evaluation = known()
    assert value(evaluation, "artifact_bytes", "", "", "") == 8 == artifact_bytes(Oracle())
    assert value(evaluation, "trainable_parameters", "", "", "") == 17
    assert value(evaluation, "adversary_accuracy", "colour", "animal", "") == 0.5
    assert value(evaluation, "peak_memory_bytes", "", "", "") > 10_000_000
    assert value(evaluation, "encode_texts_per_second", "", "", "") > 0
    assert evaluation.chance == {"colour": 0.5, "animal": 0.5}


def test_the_packed_rows_agree_with_the_accuracy(
    splits: Splits, known: Callable[..., Evaluation]
) -> None:
    evaluation = known(leak=1)
    right = unpack_bits(evaluation.right["animal/colour/mlp"], len(splits.evaluation))
    assert right.mean() == value(evaluation, "leakage", "animal", "colour", "mlp")


def test_pictures_are_seeded_and_only_made_when_asked(
    splits: Splits, known: Callable[..., Evaluation]
) -> None:
    first, second = (measured(Oracle(), splits, pictures=True) for _ in range(2))
    assert set(first.projections) == {"colour", "animal"}
    assert first.projections == second.projections
    assert known().projections == {}


def test_a_constant_representation_has_a_picture_too() -> None:
    picture = project(np.zeros((40, 8), dtype=np.float32), np.arange(40), seed=0)
    assert unpack_points(picture.points).shape == (40, 2)


def test_two_evaluations_are_equal_but_for_the_costs(
    splits: Splits, known: Callable[..., Evaluation]
) -> None:
    first, second = known(leak=1), measured(Oracle(leak=1), splits)
    assert first.right == second.right
    named = [s for s in first.scores if s.representation]
    assert named == [s for s in second.scores if s.representation]
    # Three families and the strongest: accuracy and bits; two codes; two points of the curve.
    assert len(named) == 2 * 2 * (4 * 2 + 2 + 2) + 2 * 2 + 1


def test_all_probes_and_the_curve_are_reported(known: Callable[..., Evaluation]) -> None:
    evaluation = known(leak=8)
    for probe in ("linear", "mlp", "neighbours", "strongest"):
        assert value(evaluation, "leakage", "colour", "animal", probe) > 0.9
        assert value(evaluation, "usable_bits", "colour", "animal", probe) > 0.6
        assert f"colour/animal/{probe}" in evaluation.right
    for share in (25, 50):
        named = (f"leakage_{share}_percent", "colour", "animal", "linear")
        assert value(evaluation, *named) > 0.9


def test_what_is_kept_is_measured_against_the_reference(
    splits: Splits, known: Callable[..., Evaluation]
) -> None:
    """The reference is what one oracle gives; one that does not leak keeps some of it."""
    rows, method = splits.evaluation, Oracle(leak=8)
    pairs = GradedPairs(rows.texts[:30], rows.texts[30:60], np.linspace(0, 1, 30))
    reference = make_reference(
        lambda texts: method.encode(texts, "colour"),
        rows,
        splits.training.train.texts,
        seed=3,
        pairs=pairs,
    )
    found = evaluate(method, splits, seed=3, pictures=False, progress=silent, reference=reference)
    assert value(found, "neighbours_kept", "colour", "", "") == 1
    assert value(found, "recovered", "colour", "", "") == pytest.approx(1, abs=0.001)
    assert value(found, "similarity_kept", "colour", "", "") == 1
    assert 1 < value(found, "effective_rank", "colour", "", "") <= 2
    chance = value(found, "neighbours_chance", "", "", "")
    assert not any("keeps" in warning for warning in found.warnings)
    less = evaluate(Oracle(), splits, seed=3, pictures=False, progress=silent, reference=reference)
    assert chance < value(less, "neighbours_kept", "colour", "", "") < 0.9
    assert "neighbours_kept" not in {score.metric for score in known(leak=8).scores}


def test_dead_units_are_reported(splits: Splits) -> None:
    class Dying(Oracle):
        def encode(self, texts: Sequence[str], aspect: str) -> Representation:
            features = super().encode(texts, aspect)
            return np.hstack([features, 1e-12 * features[:, :1]]).astype(np.float32)

    warnings = measured(Dying(), splits).warnings
    assert "colour: 1 of 3 units hardly vary and are left out by probes" in warnings


def test_leakage_below_chance_is_noted(splits: Splits, known: Callable[..., Evaluation]) -> None:
    """Each fold of evaluation rows is marked with the reverse of what the others teach."""

    class Seen(Oracle):
        def encode(self, texts: Sequence[str], aspect: str) -> Representation:
            from harness.evaluation.probes import group_folds

            features = super().encode(texts, aspect)
            if len(texts) == len(splits.evaluation):
                other = splits.evaluation.labels["animal" if aspect == "colour" else "colour"]
                features = np.zeros((len(texts), 5), dtype=np.float32)
                for number, (_, scoring) in enumerate(group_folds(splits.evaluation, seed=3)):
                    # Linear in the rest of the rows, and turned round in one's own.
                    features[scoring, number] = 4.0 * (2 * other[scoring] - 1)
                features = -features + features.sum(axis=1, keepdims=True) * 0.3
                return features.astype(np.float32)
            return np.zeros((len(texts), 5), dtype=np.float32)

    assert known().warnings == ()
    warnings = measured(Seen(), splits).warnings
    assert any("below chance 0.500" in warning for warning in warnings)


def test_below_chance_is_a_tail_probability() -> None:
    right = np.zeros(200, dtype=bool)
    right[:80] = True
    assert not below_chance(right, 0.5)
    right[70:] = False
    assert below_chance(right, 0.5)
    assert not below_chance(right, 0.33)


def test_chance_is_the_share_of_the_largest_class() -> None:
    assert chance_level(np.array([0, 1, 1, 2])) == 0.5


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda f: np.where(f > 0, np.nan, f).astype(np.float32), "not finite"),
        (lambda f: f[:-1], "shape"),
        (lambda f: f.astype(np.float64), "float32"),
    ],
)
def test_a_spoilt_representation_is_refused(
    spoil: Callable[[Any], Any], complaint: str, splits: Splits
) -> None:
    class Spoilt(Oracle):
        def encode(self, texts: Sequence[str], aspect: str) -> Representation:
            return spoil(super().encode(texts, aspect))  # type: ignore[no-any-return]

    with pytest.raises(ValueError, match=complaint):
        measured(Spoilt(), splits)


def test_three_aspects_give_a_matrix(toy_rows: Callable[..., Rows]) -> None:
    train, rows = toy_rows(8, (2, 3, 4), offset=9_000), toy_rows(8, (2, 3, 4))
    splits = Splits(TrainingTask("toy", train.aspects, 0.5, train, train), rows)
    evaluation = measured(Oracle(), splits)
    pairs = {
        (score.representation, score.factor)
        for score in evaluation.scores
        if score.metric in ("target_accuracy", "leakage")
    }
    names = ("colour", "animal", "size")
    assert pairs == {(a, b) for a in names for b in names}
    assert evaluation.chance == pytest.approx({"colour": 1 / 2, "animal": 1 / 3, "size": 1 / 4})


def test_groups_of_evaluation_rows_decide_the_folds(
    splits: Splits, known: Callable[..., Evaluation]
) -> None:
    apart = replace(splits.evaluation, groups=np.arange(len(splits.evaluation)))
    loose = measured(Oracle(leak=1), Splits(splits.training, apart))
    assert known(leak=1).right != loose.right

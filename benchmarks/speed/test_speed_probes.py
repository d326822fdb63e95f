"""Tuned probes beside fixed ones, and beside plain scikit-learn under the same grid.

The suite chooses the strength of every probe by inner folds. `fixed` is what it did before: one C,
one weight decay, the networks of scikit-learn. `plain` is the same choice by scikit-learn alone: a
`LogisticRegression` and an `MLPClassifier` for each strength and each inner fold. All are timed on
the untuned encoder's evaluation rows, in as many threads as torch has, side by side in one run.
Seconds are not asserted, since machines are shared; equal choices and accuracies are.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.conftest import Suite
from benchmarks.speed.speeds import Speeds, kept, timed
from data.rows import IntArray, Rows, Splits
from harness.encoders.backbones import Backbone
from harness.evaluation import probes
from harness.evaluation.probes import Features, Fold, ProbeInput, ProbeResult
from harness.evaluation.probes.cross_fit import entropy_bits
from harness.evaluation.probes.features import standardisation
from harness.evaluation.probes.folds import fold_of_rows
from harness.evaluation.probes.linear import VALUES
from harness.system.progress import silent

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

TOLERANCE = 0.003
DECAYS = (12.0, 4.0, 1.2)
EPOCHS = 10


@pytest.fixture(scope="module")
def speeds(request: pytest.FixtureRequest) -> Iterator[Speeds]:
    with kept("probes", "threads", str(torch.get_num_threads()), request.config) as speeds:
        yield speeds


@pytest.fixture(scope="module")
def rows(splits: Splits) -> Rows:
    return splits.evaluation


@pytest.fixture(scope="module")
def features(suite: Suite, splits: Splits, backbone: Backbone) -> Features:
    untuned = suite.trial_inputs.method_class("untuned")()
    untuned = untuned.fit(splits.training, backbone, seed=0, progress=silent)
    rows = splits.evaluation
    found: Features = untuned.encode(rows.texts, rows.aspects[0].name)  # type: ignore[attr-defined]
    return found


@pytest.fixture(scope="module")
def folds(rows: Rows) -> tuple[Fold, ...]:
    return probes.group_folds(rows, seed=0)


def suite_probes(
    features: Features, factors: Mapping[str, IntArray], folds: Sequence[Fold], kind: str
) -> dict[str, ProbeResult]:
    given = ProbeInput.of(features, len(features), seed=0)
    with probes.single_threaded() as threads:
        return probes.cross_fit_all(probes.PROBES[kind], given, factors, folds, threads=threads)


def whole_evaluation(features: Features, rows: Rows, folds: Sequence[Fold]) -> None:
    """All that a trial asks of one representation."""
    given = ProbeInput.of(features, len(rows), seed=0)
    with probes.single_threaded() as threads:
        probes.read_factors(given, rows, folds, families=[*probes.PROBES.values()], threads=threads)


def model(kind: str, strength: float, rows: int) -> Any:
    """Of scikit-learn, for so many fitting rows."""
    if kind == "linear":
        return LogisticRegression(C=strength, max_iter=3000, tol=1e-5)
    batch = min(128, rows)
    return MLPClassifier(
        (64,),
        alpha=strength,
        batch_size=batch,
        learning_rate_init=3e-3,
        max_iter=max(EPOCHS, 80 // math.ceil(rows / batch)),
        random_state=0,
    )


def fixed(kind: str, features: Features, rows: Rows, folds: Sequence[Fold]) -> dict[str, float]:
    """Accuracy by factor with one strength for every representation."""
    found = {}
    for factor, labels in rows.labels.items():
        correct = np.zeros(len(labels), dtype=np.bool_)
        for fitting, scoring in folds:
            own = LogisticRegression(C=0.01, max_iter=1000)
            probe = own if kind == "linear" else model(kind, 5.0, len(fitting))
            probe = make_pipeline(StandardScaler(), probe).fit(features[fitting], labels[fitting])
            correct[scoring] = probe.predict(features[scoring]) == labels[scoring]
        found[factor] = float(correct.mean())
    return found


def plain(
    kind: str, features: Features, labels: IntArray, folds: Sequence[Fold]
) -> tuple[list[float], float]:
    """The strengths that each outer fold chooses, and the accuracy, by scikit-learn alone."""
    alive, mean, deviation = standardisation(features)
    scaled = ((features[:, alive] - mean) / deviation).astype(np.float64)
    number = fold_of_rows(folds)
    values: Sequence[float] = VALUES if kind == "linear" else DECAYS

    def fitted(value: float, fitting: IntArray) -> Any:
        return model(kind, value, len(fitting)).fit(scaled[fitting], labels[fitting])

    chosen, correct = [], np.zeros(len(labels), dtype=np.bool_)
    for fold, (fitting, scoring) in enumerate(folds):
        loss = np.zeros(len(values))
        for inner in set(range(len(folds))) - {fold}:
            inside = np.flatnonzero((number != fold) & (number != inner))
            held = np.flatnonzero(number == inner)
            for place, value in enumerate(values):
                told = fitted(value, inside).predict_proba(scaled[held])
                loss[place] -= np.log2(told[np.arange(len(held)), labels[held]] + 1e-9).sum()
        chosen.append(values[int(loss.argmin())])
        correct[scoring] = fitted(chosen[-1], fitting).predict(scaled[scoring]) == labels[scoring]
    return chosen, float(correct.mean())


def side_by_side(
    kind: str, features: Features, labels: IntArray, folds: Sequence[Fold], speeds: Speeds
) -> tuple[ProbeResult, list[float], float]:
    """The suite's result of one factor, and the strengths and the accuracy of scikit-learn."""
    own: list[ProbeResult] = []
    reference: list[Any] = []
    line = speeds.line(f"{kind}, strengths chosen, one factor", "s")
    line.suite = timed(lambda: own.append(suite_probes(features, {"": labels}, folds, kind)[""]))
    line.reference = timed(lambda: reference.extend(plain(kind, features, labels, folds)))
    accuracy = speeds.line(f"{kind}, accuracy", "accuracy")
    accuracy.suite, accuracy.reference = own[0].accuracy, reference[1]
    return own[0], reference[0], reference[1]


def test_linear_chooses_and_tells_what_plain_scikit_learn_does(
    features: Features, rows: Rows, folds: tuple[Fold, ...], speeds: Speeds
) -> None:
    labels = rows.labels[rows.aspects[0].name]
    result, choices, accuracy = side_by_side("linear", features, labels, folds, speeds)
    assert result.choices == tuple(f"C={value:g}" for value in choices)
    assert abs(result.accuracy - accuracy) <= TOLERANCE
    assert result.entropy == entropy_bits(labels)


def test_networks_tell_as_much_as_plain_scikit_learn_does(
    features: Features, rows: Rows, folds: tuple[Fold, ...], speeds: Speeds
) -> None:
    """Networks start from other numbers, so that accuracies differ by chance as well."""
    labels = rows.labels[rows.aspects[0].name]
    result, _, accuracy = side_by_side("mlp", features, labels, folds, speeds)
    chance = 2 * (0.25 / len(rows)) ** 0.5
    assert result.accuracy >= accuracy - TOLERANCE - chance


@pytest.mark.parametrize("kind", ["linear", "mlp"])
def test_all_strengths_beside_one(
    kind: str, features: Features, rows: Rows, folds: tuple[Fold, ...], speeds: Speeds
) -> None:
    line = speeds.line(f"{kind}, chosen beside fixed, all factors", "s")
    line.suite = timed(lambda: suite_probes(features, rows.labels, folds, kind))
    line.reference = timed(lambda: fixed(kind, features, rows, folds))


def test_the_whole_evaluation_of_a_representation_beside_fixed_probes(
    features: Features, rows: Rows, folds: tuple[Fold, ...], speeds: Speeds
) -> None:
    """Five families, strengths and codes, beside two families with one strength and no code."""
    line = speeds.line("all families and codes beside two fixed families", "s")
    line.suite = timed(lambda: whole_evaluation(features, rows, folds))
    both = ("linear", "mlp")
    line.reference = timed(lambda: [fixed(kind, features, rows, folds) for kind in both])

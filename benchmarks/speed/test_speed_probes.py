"""Tuned probes beside fixed ones, and beside plain scikit-learn under the same grid.

The suite chooses the strength of every probe by inner folds. `fixed` is what it did before: one C,
one weight decay, the networks of scikit-learn. `plain` is the same choice by scikit-learn alone: a
`LogisticRegression` and an `MLPClassifier` for each strength and each inner fold. All are timed on
the untuned encoder's evaluation rows, in as many threads as torch has, side by side in one run.
Seconds are not asserted, since machines are shared; equal choices and accuracies are.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from benchmarks.conftest import Suite
from benchmarks.speed.speeds import Speeds, kept, timed
from data.rows import IntArray, Rows, Splits
from harness.evaluation.probes import (
    PROBES,
    Features,
    Fold,
    ProbeInput,
    ProbeResult,
    cross_fit_all,
    group_folds,
    read_factors,
    single_threaded,
)
from harness.evaluation.probes.cross_fit import entropy_bits
from harness.evaluation.probes.features import standardisation
from harness.evaluation.probes.folds import fold_of_rows
from harness.evaluation.probes.linear import VALUES
from harness.system.progress import silent

TOLERANCE = 0.003
DECAYS = (12.0, 4.0, 1.2)
EPOCHS = 10


@pytest.fixture(scope="module")
def speeds(request: pytest.FixtureRequest) -> Iterator[Speeds]:
    with kept("probes", "threads", str(torch.get_num_threads()), request.config) as speeds:
        yield speeds


@pytest.fixture(scope="module")
def rows(suite: Suite) -> Rows:
    drawn = suite.trial_inputs.splits(suite.trials[0])
    assert isinstance(drawn, Splits)
    return drawn.evaluation


@pytest.fixture(scope="module")
def features(suite: Suite, rows: Rows) -> Features:
    trial = suite.trials[0]
    drawn = suite.trial_inputs.splits(trial)
    untuned = suite.trial_inputs.method_class("untuned")()
    backbone = suite.trial_inputs.backbone(trial.backbone)
    untuned = untuned.fit(drawn.training, backbone, seed=0, progress=silent)
    found: Features = untuned.encode(rows.texts, rows.aspects[0].name)  # type: ignore[attr-defined]
    return found


@pytest.fixture(scope="module")
def folds(rows: Rows) -> tuple[Fold, ...]:
    return group_folds(rows, seed=0)


def suite_probes(
    features: Features, rows: Rows, folds: Sequence[Fold], families: Sequence[str]
) -> dict[str, dict[str, ProbeResult]]:
    given = ProbeInput.of(features, len(rows), seed=0)
    with single_threaded() as threads:
        some = [PROBES[name] for name in families]
        return cross_fit_all(given, rows.labels, folds, families=some, threads=threads)


def whole_evaluation(features: Features, rows: Rows, folds: Sequence[Fold]) -> None:
    """All that a trial asks of one representation."""
    given = ProbeInput.of(features, len(rows), seed=0)
    with single_threaded() as threads:
        read_factors(given, rows, folds, families=[*PROBES.values()], threads=threads)


def network(alpha: float, rows: int) -> MLPClassifier:
    batch = min(128, rows)
    return MLPClassifier(
        (64,),
        alpha=alpha,
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
            scaler = StandardScaler().fit(features[fitting])
            probe = (
                LogisticRegression(C=0.01, max_iter=1000)
                if kind == "linear"
                else network(5.0, len(fitting))
            )
            probe.fit(scaler.transform(features[fitting]), labels[fitting])
            told = probe.predict(scaler.transform(features[scoring]))
            correct[scoring] = told == labels[scoring]
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
        model = (
            LogisticRegression(C=value, max_iter=3000, tol=1e-5)
            if kind == "linear"
            else network(value, len(fitting))
        )
        return model.fit(scaled[fitting], labels[fitting])

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


def test_linear_chooses_and_tells_what_plain_scikit_learn_does(
    features: Features, rows: Rows, folds: tuple[Fold, ...], speeds: Speeds
) -> None:
    factor = rows.aspects[0].name
    labels = rows.labels[factor]
    own: dict[str, dict[str, ProbeResult]] = {}
    reference: list[Any] = []
    one = Rows(rows.ids, rows.texts, {factor: labels}, rows.groups, rows.aspects[:1])
    line = speeds.line("linear, strengths chosen, one factor", "s")
    line.suite = timed(lambda: own.update(suite_probes(features, one, folds, ["linear"])))
    line.reference = timed(lambda: reference.extend(plain("linear", features, labels, folds)))
    result = own[factor]["linear"]
    accuracy = speeds.line("linear, accuracy", "accuracy")
    accuracy.suite, accuracy.reference = result.accuracy, reference[1]
    assert result.choices == tuple(f"C={value:g}" for value in reference[0])
    assert abs(result.accuracy - reference[1]) <= TOLERANCE
    assert result.entropy == entropy_bits(labels)


def test_networks_tell_as_much_as_plain_scikit_learn_does(
    features: Features, rows: Rows, folds: tuple[Fold, ...], speeds: Speeds
) -> None:
    """Networks start from other numbers, so that accuracies differ by chance as well."""
    factor = rows.aspects[0].name
    labels = rows.labels[factor]
    own: dict[str, dict[str, ProbeResult]] = {}
    reference: list[Any] = []
    one = Rows(rows.ids, rows.texts, {factor: labels}, rows.groups, rows.aspects[:1])
    line = speeds.line("mlp, strengths chosen, one factor", "s")
    line.suite = timed(lambda: own.update(suite_probes(features, one, folds, ["mlp"])))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        line.reference = timed(lambda: reference.extend(plain("mlp", features, labels, folds)))
    accuracy = speeds.line("mlp, accuracy", "accuracy")
    accuracy.suite, accuracy.reference = own[factor]["mlp"].accuracy, reference[1]
    chance = 2 * (0.25 / len(rows)) ** 0.5
    assert accuracy.suite >= accuracy.reference - TOLERANCE - chance


@pytest.mark.parametrize("kind", ["linear", "mlp"])
def test_all_strengths_beside_one(
    kind: str, features: Features, rows: Rows, folds: tuple[Fold, ...], speeds: Speeds
) -> None:
    line = speeds.line(f"{kind}, chosen beside fixed, all factors", "s")
    line.suite = timed(lambda: suite_probes(features, rows, folds, [kind]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        line.reference = timed(lambda: fixed(kind, features, rows, folds))


def test_the_whole_evaluation_of_a_representation_beside_fixed_probes(
    features: Features, rows: Rows, folds: tuple[Fold, ...], speeds: Speeds
) -> None:
    """Five families, strengths and codes, beside two families with one strength and no code."""
    line = speeds.line("all families and codes beside two fixed families", "s")
    line.suite = timed(lambda: whole_evaluation(features, rows, folds))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        line.reference = timed(
            lambda: [fixed(kind, features, rows, folds) for kind in ("linear", "mlp")]
        )

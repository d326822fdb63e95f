"""Metrics of disentanglement of a code from known factors, in the forms of Locatello et al. 2019.

Each function takes `factors`, name to int64 [n]. Those that need a classifier fit it on the first
half of the rows and ask it on the second.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.rows import IntArray
from harness.evaluation.factors.codes import Codes, FloatArray

Factors = Mapping[str, IntArray]

TOGETHER = 64
"""Pairs, or rows, that share a value of a factor and make one point."""

LEARNED, ASKED = 200, 100
"""Points of each factor on which z-diff and z-min-var learn and are asked."""

SVM_C = 0.01
TREES = 10


def information(codes: Codes, factors: Factors) -> FloatArray:
    """Mutual information of each variable with each factor, counted, nats, [variables, factors]."""
    return np.array([[mutual(v, f) for f in factors.values()] for v in codes.values.T])


def mutual(first: IntArray, second: IntArray) -> float:
    """Mutual information of two columns, counted, nats."""
    joint = entropy(first * (second.max() + 1) + second)
    # Of a constant it is 0, which sums of floats may miss from either side.
    return max(entropy(first) + entropy(second) - joint, 0.0)


def entropy(values: IntArray) -> float:
    """Of the counted shares, nats."""
    shares = np.unique(values, return_counts=True)[1] / len(values)
    return float(-(shares * np.log(shares)).sum())


def gaps(told: FloatArray, factors: Factors) -> FloatArray:
    """The mutual information gap of each factor, [factors] (Chen et al. 2018, eq. 6).

    `(I_top - I_second) / H`, from `told` as `information` gives it.
    """
    ranked = np.sort(np.vstack([told, np.zeros(told.shape[1])]), axis=0)
    entropies = np.array([entropy(factor) for factor in factors.values()])
    return np.asarray((ranked[-1] - ranked[-2]) / entropies)


def modularity(told: FloatArray) -> float:
    """How far each variable tells one factor alone (Ridgeway and Mozer 2018).

    The mean over variables of `1 - (sum I^2 - max I^2) / ((K - 1) max I^2)`; 0 for one that tells
    nothing.
    """
    top = told.max(1)
    rest = (told**2).sum(1) - top**2
    most = (told.shape[1] - 1) * top**2
    return float(np.where(top > 0, 1 - rest / np.where(top > 0, most, 1), 0).mean())


def z_diff(codes: Codes, factors: Factors, random: np.random.Generator) -> float:
    """Which factor two texts share, from how their codes differ (Higgins et al. 2017).

    A point is the mean distance in each variable over pairs that share a value of one factor, a new
    value for each pair; a logistic regression tells the factor.
    """
    from sklearn.linear_model import LogisticRegression

    points = []
    for factor in factors.values():
        first = random.integers(len(factor), size=(LEARNED + ASKED, TOGETHER))
        points.append(codes.distances(first, _sharing(factor, first, random)))
    (learned, answers), (asked, right) = _parted(points)
    told = LogisticRegression(C=100.0, max_iter=1000).fit(learned, answers).predict(asked)
    return float((told == right).mean())


def z_min_var(codes: Codes, factors: Factors, random: np.random.Generator) -> float:
    """Which factor is fixed, from the variable that varies least (Kim and Mnih 2018).

    A point is the variable whose variance among rows of one value is the least share of that among
    all rows; the factor that most points of a variable have is its answer.
    """
    whole = codes.spreads(np.arange(len(codes.columns))[None])
    points = []
    for factor in factors.values():
        first = random.integers(len(factor), size=(LEARNED + ASKED, 1))
        rows = _sharing(factor, first.repeat(TOGETHER, axis=1), random)
        points.append((codes.spreads(rows) / np.where(whole > 0, whole, 1)).argmin(1))
    (learned, answers), (asked, right) = _parted(points)
    votes = np.zeros((len(codes.names), len(factors)))
    np.add.at(votes, (learned, answers), 1)
    return float((votes.argmax(1)[asked] == right).mean())


def separated(codes: Codes, factors: Factors) -> float:
    """SAP: accuracy from the best variable less that from the next (Kumar et al. 2018).

    By linear support vector machines, each of which is given one variable; the mean over factors.
    With one variable, the most frequent value takes the place of the next.
    """
    from sklearn.svm import LinearSVC

    learned, asked = _halves(codes)
    found = []
    for factor in factors.values():
        accuracies = []
        for variable in range(len(codes.names)):
            columns = codes.columns[:, codes.owners == variable]
            machine = LinearSVC(C=SVM_C, class_weight="balanced", dual=False)
            machine.fit(columns[learned], factor[learned])
            accuracies.append(machine.score(columns[asked], factor[asked]))
        if len(accuracies) < 2:
            accuracies.append(np.bincount(factor[asked]).max() / len(factor[asked]))
            accuracies[0] = max(accuracies)
        top, second = sorted(accuracies)[:-3:-1]
        found.append(top - second)
    return float(np.mean(found))


def explicitness(codes: Codes, factors: Factors) -> float:
    """How well all variables together tell each value (Ridgeway and Mozer 2018).

    Area under the curve of a logistic regression, each value against the rest, the mean over values
    and then factors; guessing gives .5.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    learned, asked = _halves(codes)
    found = []
    for factor in factors.values():
        model = LogisticRegression(max_iter=1000).fit(codes.columns[learned], factor[learned])
        said = model.predict_proba(codes.columns[asked])
        there = [value for value in model.classes_ if 0 < (factor[asked] == value).mean() < 1]
        column = {value: place for place, value in enumerate(model.classes_)}
        areas = [roc_auc_score(factor[asked] == v, said[:, column[v]]) for v in there]
        found.append(np.mean(areas) if areas else 0.5)
    return float(np.mean(found))


def dci(codes: Codes, factors: Factors, seed: int) -> dict[str, float]:
    """Disentanglement, completeness, informativeness (Eastwood and Williams 2018).

    Importances are those of bagged trees that may split on every column, summed over the columns of
    a variable. Disentanglement and completeness are weighted by importance, informativeness is the
    mean accuracy of the trees.
    """
    from sklearn.ensemble import RandomForestClassifier

    learned, asked = _halves(codes)
    weights, accuracies = [], []
    for factor in factors.values():
        # All columns at each split: one that tells nothing then has no share of a perfect tree.
        trees = RandomForestClassifier(TREES, max_features=None, random_state=seed)
        trees.fit(codes.columns[learned], factor[learned])
        weights.append(np.bincount(codes.owners, trees.feature_importances_))
        accuracies.append(trees.score(codes.columns[asked], factor[asked]))
    importance = np.stack(weights, axis=1).astype(np.float64)
    return {
        "disentanglement": _concentration(importance),
        "completeness": _concentration(importance.T),
        "informativeness": float(np.mean(accuracies)),
    }


def _concentration(weights: FloatArray) -> float:
    """Mean over rows of 1 less the entropy in units of its largest, by the rows' sums."""
    totals = weights.sum(1)
    if not totals.any():
        return 0.0
    shares = weights / np.where(totals > 0, totals, 1)[:, None]
    logs = np.log(np.where(shares > 0, shares, 1))
    spread = -(shares * logs).sum(1) / np.log(max(weights.shape[1], 2))
    return float(((1 - spread) * totals).sum() / totals.sum())


def _halves(codes: Codes) -> tuple[slice, slice]:
    half = len(codes.columns) // 2
    return slice(half), slice(half, None)


def _sharing(factor: IntArray, rows: IntArray, random: np.random.Generator) -> IntArray:
    """For each of the rows a random one with the same value of a factor."""
    order = np.argsort(factor, kind="stable")
    counts = np.bincount(factor)
    starts = np.cumsum(counts) - counts
    values = factor[rows]
    places = (random.random(rows.shape) * counts[values]).astype(np.int64)
    found: IntArray = order[starts[values] + places]
    return found


def _parted(points: Sequence[NDArray[Any]]) -> tuple[tuple[NDArray[Any], IntArray], ...]:
    """The points of each factor with its number: those to learn from, and those to be asked."""
    numbers = np.arange(len(points))
    learned = np.concatenate([some[:LEARNED] for some in points])
    asked = np.concatenate([some[LEARNED:] for some in points])
    return (learned, numbers.repeat(LEARNED)), (asked, numbers.repeat(ASKED))

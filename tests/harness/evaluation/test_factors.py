"""The metrics of known factors on codes whose scores are known."""

from itertools import product
from math import log

import numpy as np
import pytest

from data.texts import FactorRows
from harness.contract.scores import Score
from harness.evaluation.factors import above_floors, ceiling, heatmap, measured, metrics
from harness.evaluation.factors.codes import Codes

GRID = np.array(list(product(range(2), range(3), range(4))) * 20)
ORDER = np.random.default_rng(0).permutation(len(GRID))
FACTORS = {name: GRID[ORDER, k] for k, name in enumerate(("two", "three", "four"))}
"""The whole product, twenty times over, in random order: exact in each count, near it in halves."""

CONTINUOUS = np.stack([(1.0 + k) * values for k, values in enumerate(FACTORS.values())], axis=1)
ONE_HOT = np.hstack([np.eye(v.max() + 1)[v] for v in FACTORS.values()])

ONE = ("z_diff", "z_min_var", "mig", "modularity", "explicitness")
DCI = ("disentanglement", "completeness", "informativeness")
CHANCE = np.mean([1 - 1 / 2, 1 - 1 / 3, 1 - 1 / 4])


def scored(means: np.ndarray, blocks: tuple[int, ...] | None = None) -> dict[str, float]:
    codes = Codes.of(means, blocks or (1,) * means.shape[1])
    return {s.metric: s.value for s in measured(codes, FACTORS, seed=0) if not s.factor}


@pytest.mark.parametrize(
    ("means", "blocks"), [(CONTINUOUS, None), (ONE_HOT, (2, 3, 4))], ids=["continuous", "discrete"]
)
def test_an_exact_code_scores_1(means: np.ndarray, blocks: tuple[int, ...] | None) -> None:
    found = scored(means, blocks)
    for name in (*ONE, *DCI):
        # A linear classifier cannot put the middle of three classes on a line apart.
        low = 0.85 if (name, blocks) == ("explicitness", None) else 1.0
        assert low - 1e-6 <= found[name] <= 1 + 1e-6, name
    if blocks:
        assert found["sap"] == pytest.approx(CHANCE, abs=0.03)


def test_a_rotated_code_does_not() -> None:
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    scaled = CONTINUOUS / CONTINUOUS.std(0)
    exact, rotated = scored(scaled), scored(scaled @ turn)
    assert rotated["mig"] < 0.35
    assert rotated["disentanglement"] < 0.6
    assert rotated["completeness"] < 0.6
    assert rotated["sap"] < exact["sap"] - 0.1
    # Nothing is lost to all variables together, which is what these two ask.
    assert rotated["explicitness"] == pytest.approx(exact["explicitness"], abs=0.05)
    assert rotated["informativeness"] > 0.9


@pytest.mark.parametrize("blocks", [None, (2, 3, 4)])
def test_a_constant_code_wins_nothing(blocks: tuple[int, ...] | None) -> None:
    width = 3 if blocks is None else 9
    found = scored(np.full((len(GRID), width), 0.3), blocks)
    for name in ("mig", "sap", "modularity", "disentanglement", "completeness"):
        assert found[name] == 0, name
    assert found["explicitness"] == 0.5
    assert found["z_diff"] == found["z_min_var"] == pytest.approx(1 / 3)
    assert found["informativeness"] == pytest.approx(1 - CHANCE, abs=0.05)


def test_dead_variables_change_nothing() -> None:
    """A variable without variance would take every vote of z-min-var, and count as modular."""
    noise = 1e-3 * np.random.default_rng(0).normal(size=(len(GRID), 2))
    constant = np.full((len(GRID), 2), 0.5)
    with_dead = np.hstack([noise, CONTINUOUS, constant])
    assert scored(with_dead) == scored(CONTINUOUS)
    codes = Codes.of(with_dead, (1,) * 7)
    assert codes.names == ("z3", "z4", "z5")


def test_names_of_categories_mean_nothing() -> None:
    random = np.random.default_rng(3)
    mixed = np.hstack([random.permutation(ONE_HOT[:, part].T).T for part in ([0, 1], [2, 3, 4])])
    codes, other = (Codes.of(m, (2, 3)) for m in (ONE_HOT[:, :5], mixed))
    pairs = random.integers(len(GRID), size=(2, 5, 10))
    assert np.allclose(codes.distances(*pairs), other.distances(*pairs))
    differ = codes.values[pairs[0]] != codes.values[pairs[1]]
    assert np.allclose(codes.distances(*pairs), 2 * differ.mean(1))
    rows = random.integers(len(GRID), size=(4, 9))
    assert np.allclose(codes.spreads(rows), other.spreads(rows))
    told = [metrics.information(each, FACTORS) for each in (codes, other)]
    assert np.allclose(*told)


def test_spreads_are_variance_and_gini_impurity() -> None:
    codes = Codes.of(np.array([[0.0, 1, 0], [2, 1, 0], [4, 0, 1], [6, 0, 1]]), (1, 2))
    (found,) = codes.spreads(np.array([[0, 1, 2]]))
    # Of 0, 2 and 4 in units of the deviation of all four; of two against one category.
    assert found == pytest.approx([(8 / 3) / 5, 1 - (4 + 1) / 9])


def test_gaps_by_hand() -> None:
    """The second variable agrees with the factor in three of four rows."""
    factors = {"f": np.array([0, 0, 1, 1])}
    codes = Codes.of(np.array([[0.0, 0], [0, 0], [1, 0], [1, 1]]), (1, 1))
    second = log(2) - (0.75 * (-(2 / 3) * log(2 / 3) - (1 / 3) * log(1 / 3)))
    told = metrics.information(codes, factors)
    assert told[:, 0] == pytest.approx([log(2), second])
    assert metrics.gaps(told, factors) == pytest.approx([1 - second / log(2)])
    assert metrics.gaps(told[:1], factors) == pytest.approx([1])


def test_modularity_by_hand() -> None:
    told = np.array([[2.0, 1.0], [0.0, 3.0]])
    assert metrics.modularity(told) == pytest.approx((1 - 1 / 4 + 1) / 2)
    assert metrics.modularity(np.vstack([told, [0.0, 0.0]])) == pytest.approx(1.75 / 3)


def test_importances_by_hand() -> None:
    """One variable for one factor, another shared by two: a third of the weight is pure."""
    weights = np.array([[1.0, 0.0], [1.0, 1.0]])
    assert metrics._concentration(weights) == pytest.approx(1 / 3)
    assert metrics._concentration(np.zeros((2, 2))) == 0


def rows(told: dict[str, np.ndarray] | None = None) -> FactorRows:
    return FactorRows(("a text",) * len(GRID), FACTORS, told or FACTORS)


def test_the_ceiling_of_factors_that_texts_tell_is_1() -> None:
    found = {(s.metric, s.factor): s.value for s in ceiling(rows(), seed=0)}
    for name in (*ONE, *DCI):
        assert found[f"{name}_ceiling", ""] == pytest.approx(1), name
    assert found["mig_ceiling", "three"] == pytest.approx(1)


def test_the_ceiling_falls_with_what_texts_tell() -> None:
    """Of four values two look alike: half of them are known, the rest by a bit less than two."""
    told = {**FACTORS, "four": np.minimum(FACTORS["four"], 2)}
    found = {(s.metric, s.factor): s.value for s in ceiling(rows(told), seed=0)}
    assert found["mig_ceiling", "four"] == pytest.approx(0.75)
    assert found["mig_ceiling", ""] == pytest.approx((1 + 1 + 0.75) / 3)
    assert found["informativeness_ceiling", ""] == pytest.approx((1 + 1 + 0.75) / 3, abs=0.03)


def test_permuted_factors_give_the_floor() -> None:
    mixed = np.random.default_rng(5).permutation(len(GRID))
    factors = {name: values[mixed] for name, values in FACTORS.items()}
    codes = Codes.of(ONE_HOT, (2, 3, 4))
    found = {s.metric: s.value for s in measured(codes, factors, seed=0, control="permuted")}
    assert found["mig_permuted"] < 0.03
    assert found["sap_permuted"] < 0.12
    assert found["z_min_var_permuted"] < 0.5
    assert found["explicitness_permuted"] == pytest.approx(0.5, abs=0.07)


def test_the_heat_map_has_the_share_of_each_factor() -> None:
    grid = heatmap(Codes.of(CONTINUOUS, (1, 1, 1)), FACTORS)
    assert grid.rows == ("two", "three", "four")
    assert np.allclose(grid.values, np.eye(3))


def test_what_counts_lies_above_both_floors() -> None:
    values = {"mig": 0.4, "mig_permuted": 0.1, "mig_untrained": 0.15, "kl": 3.0}
    given = [Score(name, value) for name, value in values.items()]
    (found,) = above_floors([*given, Score("mig", 0.9, factor="two")])
    assert (found.metric, found.value) == ("mig_above_floors", pytest.approx(0.25))

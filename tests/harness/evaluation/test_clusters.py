"""Clusters against classes: hand-worked B-cubed, known ends, and what is refused."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from data import tasks
from data.errors import UserError
from data.quotas import Sizes
from harness.evaluation.clusters import agreement, check


def scores(found: list[int], gold: list[int]) -> dict[str, float]:
    arrays = (np.array(codes, dtype=np.int64) for codes in (found, gold))
    return {score.metric: score.value for score in agreement(*arrays)}


def by_rows(found: list[int], gold: list[int]) -> tuple[float, float]:
    """B-cubed as it is defined, row by row."""
    precision, recall = [], []
    for own, kind in zip(found, gold, strict=True):
        together = [g for f, g in zip(found, gold, strict=True) if f == own]
        alike = [f for f, g in zip(found, gold, strict=True) if g == kind]
        precision.append(together.count(kind) / len(together))
        recall.append(alike.count(own) / len(alike))
    return float(np.mean(precision)), float(np.mean(recall))


def test_b_cubed_of_a_hand_worked_case() -> None:
    """Clusters {a a b}, {b c}: precision (2/3 + 2/3 + 1/3 + 1/2 + 1/2) / 5, recall 4/5."""
    found = scores([0, 0, 0, 1, 1], [0, 0, 1, 1, 2])
    assert found["b_cubed_precision"] == pytest.approx(8 / 15)
    assert found["b_cubed_recall"] == pytest.approx(4 / 5)
    assert found["b_cubed_f1"] == pytest.approx(16 / 25)
    assert found["clusters_used"] == 2


def test_counts_give_what_rows_give() -> None:
    random = np.random.default_rng(0)
    for clusters, classes in product((2, 7), (3, 5)):
        found, gold = (random.integers(k, size=60).tolist() for k in (clusters, classes))
        own = scores(found, gold)
        assert (own["b_cubed_precision"], own["b_cubed_recall"]) == pytest.approx(
            by_rows(found, gold)
        )


def test_names_of_clusters_do_not_matter_and_ends_are_known() -> None:
    gold = [0, 0, 1, 1, 2, 2]
    same = scores([9, 9, 4, 4, 0, 0], gold)
    assert [same[name] for name in ("b_cubed_f1", "v_measure", "adjusted_rand")] == [1, 1, 1]
    one, each = scores([3] * 6, gold), scores(list(range(6)), gold)
    assert (one["b_cubed_recall"], one["b_cubed_precision"], one["v_measure"]) == (
        1,
        pytest.approx(1 / 3),
        0,
    )
    assert (each["b_cubed_precision"], each["b_cubed_recall"]) == (1, 0.5)
    assert one["adjusted_rand"] == each["adjusted_rand"] == 0


@pytest.mark.parametrize("found", [[0, 1], [0, 1, -1], [0.0, 1.0, 2.0]])
def test_what_is_no_cluster_a_row_is_refused(found: list[int]) -> None:
    with pytest.raises(ValueError, match="clusters gives"):
        agreement(np.array(found), np.array([0, 1, 1]))


def test_few_rows_or_one_class_are_refused() -> None:
    task = tasks.find("relations-generated")
    draw = task.draw(task.load(None), seed=0, sizes=Sizes(20, 5, 40))
    check(draw)
    few = replace(draw, gold=draw.gold[:9])
    for bad in (few, replace(draw, gold=draw.gold * 0)):
        with pytest.raises(UserError, match="give 10 rows of 2 classes at least"):
            check(bad)

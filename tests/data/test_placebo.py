from collections.abc import Callable

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from data.placebo import placebo
from data.quotas import Sizes
from data.rows import Rows, Splits
from data.splits import Pool, draw_splits


@pytest.fixture
def splits(make_rows: Callable[..., Rows]) -> Splits:
    """Texts that tell their cell outright."""
    rng = np.random.default_rng(0)
    texts = [f"cell{cell} {rng.integers(1 << 40)}" for cell in range(4) for _ in range(800)]
    rows = make_rows((2, 2), [800] * 4, texts=texts)
    pool = Pool.without_official_split(rows)
    return draw_splits(pool, "a", correlation=0.85, seed=0, sizes=Sizes(1000, 120, 200))


def accuracy(train: Rows, evaluation: Rows, aspect: str) -> float:
    words = CountVectorizer(vocabulary=[f"cell{cell}" for cell in range(4)])
    model = LogisticRegression().fit(words.transform(train.texts), train.labels[aspect])
    return float(model.score(words.transform(evaluation.texts), evaluation.labels[aspect]))


def test_texts_and_groups_stay_and_labels_are_balanced(splits: Splits) -> None:
    flipped = placebo(splits, seed=0)
    for before, after in (
        (splits.training.train, flipped.training.train),
        (splits.training.valid, flipped.training.valid),
        (splits.evaluation, flipped.evaluation),
    ):
        assert before.texts == after.texts
        assert before.ids == after.ids
        assert np.array_equal(before.groups, after.groups)
        assert set(after.cell_counts().values()) == {len(before) // 4}
    assert flipped.training.correlation == 0.5


def test_deterministic_and_seeded(splits: Splits) -> None:
    one, two, other = (placebo(splits, seed=seed).evaluation.cells for seed in (1, 1, 2))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_honest_probe_is_at_chance_and_was_not_before(splits: Splits) -> None:
    flipped = placebo(splits, seed=0)
    for aspect in ("a0", "a1"):
        assert accuracy(splits.training.train, splits.evaluation, aspect) > 0.95
        # Four standard errors of a coin over 800 rows.
        chance = accuracy(flipped.training.train, flipped.evaluation, aspect)
        assert abs(chance - 0.5) < 4 * 0.5 / np.sqrt(800)


def test_cheater_is_caught(splits: Splits) -> None:
    flipped = placebo(splits, seed=0)
    known = dict(zip(flipped.evaluation.texts, flipped.evaluation.labels["a0"], strict=True))
    cheated = [known.get(text, 0) for text in flipped.evaluation.texts]
    assert np.mean(np.array(cheated) == flipped.evaluation.labels["a0"]) == 1

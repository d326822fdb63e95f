import math
from collections.abc import Callable, Sequence
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.duplicates import distinct, text_key
from data.errors import UserError
from data.quotas import Sizes, cell_quota, majority_cells
from data.rows import Rows, Splits
from data.splits import Pool, draw_splits

MakeRows = Callable[..., Rows]
SHAPES: list[tuple[int, ...]] = [(2, 2), (2, 3), (3, 4), (2, 2, 2), (2, 3, 4)]


def parts(splits: Splits) -> list[Rows]:
    return [splits.training.train, splits.training.valid, splits.evaluation]


def assert_sound(splits: Splits, rho: float, sizes: Sizes) -> None:
    """The promises of a draw, checked from the outside."""
    train, valid, evaluation = parts(splits)
    shape = [len(aspect.classes) for aspect in train.aspects]
    cells = math.prod(shape)
    assert splits.training.correlation == rho
    for rows, size in ((train, sizes.train), (valid, sizes.valid)):
        assert size is None or len(rows) == size
        assert np.bincount(rows.cells, minlength=cells).tolist() == (
            cell_quota(shape, len(rows), rho).tolist()
        )
        share = np.isin(rows.cells, majority_cells(shape)).mean()
        assert abs(share - rho) <= 0.5 / len(rows) + 1e-6
    counts = np.bincount(evaluation.cells, minlength=cells)
    assert np.ptp(counts) == 0
    assert sizes.evaluation_per_cell in (None, counts[0])
    for kind in ("ids", "groups", "keys"):
        values = [
            set(map(text_key, rows.texts)) if kind == "keys" else set(getattr(rows, kind))
            for rows in parts(splits)
        ]
        assert len(set.union(*values)) == sum(map(len, values)), kind


def equal(first: Splits, second: Splits) -> bool:
    return all(
        a.ids == b.ids
        and a.texts == b.texts
        and np.array_equal(a.cells, b.cells)
        and np.array_equal(a.groups, b.groups)
        for a, b in zip(parts(first), parts(second), strict=True)
    )


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(SHAPES),
    st.floats(0.5, 0.9),
    st.integers(0, 2**32),
    st.integers(1, 6),
    st.integers(0, 2**32),
)
def test_draw_keeps_its_promises(
    make_rows: MakeRows, shape: tuple[int, ...], rho: float, seed: int, group: int, content: int
) -> None:
    random = Random(content)
    cells = math.prod(shape)
    counts = [random.randint(420, 520) for _ in range(cells)]
    order = list(range(sum(counts)))
    random.shuffle(order)
    # Groups cut across cells, as a film has reviews of both sentiments.
    rows = make_rows(shape, counts, groups=[place // group for place in order])
    sizes = Sizes(train=400, valid=220, evaluation_per_cell=12)
    pool = Pool.without_official_split(rows)
    splits = draw_splits(pool, "made", correlation=rho, seed=seed, sizes=sizes)
    assert_sound(splits, rho, sizes)
    again = draw_splits(pool, "made", correlation=rho, seed=seed, sizes=sizes)
    assert equal(splits, again)
    other = draw_splits(pool, "made", correlation=rho, seed=seed + 1, sizes=sizes)
    assert not any(
        set(a.ids) == set(b.ids) for a, b in zip(parts(splits), parts(other), strict=True)
    )


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(SHAPES),
    st.floats(0.5, 0.9),
    st.integers(0, 99),
    st.integers(1, 9),
    st.integers(0, 2**32),
)
def test_derived_sizes_use_what_is_there(
    make_rows: MakeRows, shape: tuple[int, ...], rho: float, seed: int, group: int, content: int
) -> None:
    random = Random(content)
    cells = math.prod(shape)
    counts = [random.randint(150, 700) for _ in range(cells)]
    order = list(range(sum(counts)))
    random.shuffle(order)
    rows = make_rows(shape, counts, groups=[place // group for place in order])
    pool = Pool.without_official_split(rows)
    splits = draw_splits(pool, "made", correlation=rho, seed=seed)
    assert_sound(splits, rho, Sizes(evaluation_per_cell=min(counts) // 2))


def test_names_take_part_in_the_seed(make_rows: MakeRows) -> None:
    pool = Pool.without_official_split(make_rows((2, 2), [100] * 4))
    sizes = Sizes(40, 40, 10)
    one, two = (draw_splits(pool, n, correlation=0.7, seed=0, sizes=sizes) for n in ("a", "b"))
    assert not equal(one, two)


def test_evaluation_rows_are_the_same_at_every_correlation(make_rows: MakeRows) -> None:
    pool = Pool.without_official_split(make_rows((2, 2), [300, 250, 280, 310]))
    drawn = {
        draw_splits(pool, "a", correlation=rho, seed=3, sizes=Sizes(200, 40, 50)).evaluation.ids
        for rho in (0.5, 0.7, 0.85, 0.95)
    }
    assert len(drawn) == 1


def test_sides_are_respected(make_rows: MakeRows) -> None:
    rows = make_rows((2, 2), [100] * 4)
    training = np.arange(400) % 2 == 0
    splits = draw_splits(
        Pool(rows, training, ~training), "a", correlation=0.7, seed=0, sizes=Sizes(60, 40)
    )
    number = {name: position for position, name in enumerate(rows.ids)}
    train, valid, evaluation = ([number[i] for i in part.ids] for part in parts(splits))
    assert training[train + valid].all()
    assert not training[evaluation].any()
    # Every balanced row of the evaluation side is used where no number is asked.
    assert len(evaluation) == 200


def test_group_on_both_sides_goes_to_one(make_rows: MakeRows) -> None:
    rows = make_rows((2, 2), [60] * 4, groups=[i % 40 for i in range(240)])
    training = np.arange(240) % 3 > 0
    splits = draw_splits(
        Pool(rows, training, ~training), "a", correlation=0.7, seed=0, sizes=Sizes(24, 12, 8)
    )
    assert_sound(splits, 0.7, Sizes(24, 12, 8))


def test_scarce_cell_is_not_wasted_by_films(make_rows: MakeRows) -> None:
    """As on the real reviews: 695 rows of a cell in 61 films, of which 630 are needed."""
    rng = np.random.default_rng(0)
    scarce = np.sort(rng.choice(61, size=695))
    groups = [*rng.choice(61, size=900), *scarce, *(100 + rng.choice(500, size=3000))]
    cells = [0] * 900 + [2] * 695 + [1] * 1500 + [3] * 1500
    order = np.argsort(cells, kind="stable")
    rows = make_rows((2, 2), [900, 1500, 695, 1500], groups=[groups[i] for i in order])
    every = np.ones(len(rows), dtype=bool)
    evaluation = make_rows((2, 2), [5] * 4, groups=range(10_000, 10_020))
    both = Rows(
        ids=rows.ids + tuple(f"e{i}" for i in range(20)),
        texts=rows.texts + tuple(f"other text {i}" for i in range(20)),
        labels={n: np.concatenate([rows.labels[n], evaluation.labels[n]]) for n in rows.labels},
        groups=np.concatenate([rows.groups, evaluation.groups]),
        aspects=rows.aspects,
    )
    side = np.concatenate([every, np.zeros(20, dtype=bool)])
    for seed in range(10):
        sizes = Sizes(2200, 320)
        splits = draw_splits(Pool(both, side, ~side), "a", correlation=0.5, seed=seed, sizes=sizes)
        assert_sound(splits, 0.5, sizes)


def texts_of(splits: Splits) -> set[str]:
    return {text for part in parts(splits) for text in part.texts}


def test_duplicates_are_gone_before_drawing(make_rows: MakeRows) -> None:
    counts = [60] * 4
    texts = [f"text {i // 2}" if i % 2 else f"  TEXT\t{i // 2} " for i in range(240)]
    rows = make_rows((2, 2), counts, texts=texts)
    assert distinct(rows).keep.sum() == 120
    splits = draw_splits(
        Pool.without_official_split(rows), "a", correlation=0.5, seed=0, sizes=Sizes(40, 20, 10)
    )
    assert_sound(splits, 0.5, Sizes(40, 20, 10))
    assert len({text_key(text) for text in texts_of(splits)}) == 100


def test_conflicting_duplicates_are_dropped_altogether(make_rows: MakeRows) -> None:
    rows = make_rows((2, 2), [2, 1, 1, 1], texts=["same", "Same", "x", "SAME ", "y"])
    assert distinct(rows).keep.tolist() == [False, False, True, False, True]
    agreeing = make_rows((2, 2), [2, 1, 1, 1], texts=["same", "Same", "x", "z", "y"])
    assert distinct(agreeing).keep.tolist() == [True, False, True, True, True]


def refused(rows: Rows, message: str, rho: float = 0.85, sizes: Sizes = Sizes()) -> None:  # noqa: B008
    with pytest.raises(UserError, match=message) as caught:
        draw_splits(Pool.without_official_split(rows), "made", correlation=rho, seed=0, sizes=sizes)
    assert "\n" not in str(caught.value)


def test_one_class_only(make_rows: MakeRows) -> None:
    refused(make_rows((2, 2), [50, 50, 0, 0]), "'a0' needs two or more classes.*only.*'a0'")
    refused(make_rows((1, 2), [50, 50]), "'a0' needs two or more classes")
    refused(make_rows((2, 2), [0, 0, 0, 0]), "has none")


def test_impossible_correlation(make_rows: MakeRows) -> None:
    refused(make_rows((2, 2), [50] * 4), "outside its range", rho=0.3)


def test_too_few_rows_for_training(make_rows: MakeRows) -> None:
    refused(
        make_rows((2, 2), [900, 900, 80, 900]),
        r"made: cell a1-b0 has 60 rows for training and validation, but correlation 0.5 needs "
        r"150 \(100 \+ 50\), beside 20 rows kept for evaluation; a correlation "
        r"from .80 to .99 would fit, and at 0.5 at most 163",
        rho=0.5,
        sizes=Sizes(400, 200, 20),
    )


def test_too_few_rows_for_evaluation(make_rows: MakeRows) -> None:
    refused(
        make_rows((2, 2), [90, 90, 15, 90]),
        "cell a1-b0 has 15 rows for evaluation and needs 20; ask for at most 15 a cell",
        sizes=Sizes(40, 20, 20),
    )
    refused(make_rows((2, 2), [90, 90, 0, 90]), "cell a1-b0 has 0 rows")
    refused(make_rows((2, 2), [90, 90, 1, 90]), "cell a1-b0 has 1 rows for evaluation and needs 2")


def test_file_too_small_for_the_correlation(make_rows: MakeRows) -> None:
    refused(make_rows((2, 2), [3, 3, 3, 3]), r"correlation 0.85 needs \d+", rho=0.85)


def test_groups_too_large(make_rows: MakeRows) -> None:
    groups: Sequence[int] = [i % 2 for i in range(400)]
    refused(
        make_rows((2, 2), [100] * 4, groups=groups),
        "the groups are too large to part",
        sizes=Sizes(40, 20, 10),
        rho=0.5,
    )
    refused(make_rows((2, 2), [100] * 4, groups=[0] * 400), "too large", rho=0.5)


def test_negative_seed(make_rows: MakeRows) -> None:
    pool = Pool.without_official_split(make_rows((2, 2), [50] * 4))
    with pytest.raises(UserError, match="seed is -1"):
        draw_splits(pool, "a", correlation=0.5, seed=-1)

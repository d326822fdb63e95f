"""Tuning sees the training side alone, tries as much of each method, and tries nothing twice."""

import dataclasses
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import tasks
from data.errors import UserError
from harness.contract import learner, tuned
from harness.contract.method import Method, Representation
from harness.contract.search import Choice, Range
from harness.encoders.backbones import Backbone
from harness.outputs.figures import tuned as tuned_figures
from harness.outputs.tables import tuned as tuned_tables
from harness.runs import discovery
from harness.runs.tuning import trying
from harness.runs.tuning.fits import (
    REFINED,
    SEEDS,
    Fit,
    chosen,
    drawn,
    read_fits,
    stored_fits,
    to_refine,
    write_defaults,
    write_fits,
)
from harness.runs.tuning.search import draws
from harness.runs.tuning.trying import HELD_OUT_PER_CELL, training_side

ROOT = Path(__file__).parents[3]
STORED = ROOT / "results" / "standard" / "tuning" / "movies"


class Lengths(Method):
    """Represents a text by a power of its length. Source: none."""

    name = "lengths"
    fitted = 0
    search = {"power": Range(0.5, 4.0, "log"), "offset": Choice((0, 3))}

    @dataclass(frozen=True)
    class Settings:
        power: float = 1.0
        offset: int = 0

    def fit(self, task, backbone, *, seed, progress):
        type(self).fitted += 1
        return self

    def encode(self, texts: Sequence[str], aspect: str) -> Representation:
        lengths = np.array([[len(text) + self.settings.offset] for text in texts])
        return (lengths**self.settings.power).astype(np.float32)

    def save(self, folder: Path) -> None:
        raise NotImplementedError

    def load(self, folder, backbone):
        raise NotImplementedError

    trainable_parameters = 0


@given(st.floats(0, 1), st.sampled_from([Range(1, 9), Range(1e-4, 1.0, "log"), Choice((2, 5))]))
def test_every_draw_lies_in_the_space(share: float, space: Range | Choice) -> None:
    assert space.at(share) in space


def test_ends_and_scales_of_a_range() -> None:
    assert [Range(1e-4, 1.0, "log").at(s) for s in (0, 0.5, 1)] == [1e-4, 0.01, 1.0]
    assert [Range(1, 9).at(s) for s in (0, 0.5, 1)] == [1, 5, 9]
    assert [Choice(("a", "b")).at(s) for s in (0, 0.49, 0.5, 1)] == ["a", "a", "b", "b"]


def test_draws_begin_with_the_defaults_and_cover_each_range() -> None:
    found = draws(Lengths, Lengths.Settings(), 9)
    assert found[0] == {"power": 1.0, "offset": 0}
    assert len(found) == 9
    eighths = {int(8 * np.log(each["power"] / 0.5) / np.log(8) - 1e-9) for each in found[1:]}
    assert eighths == set(range(8))
    assert sum(each["offset"] == 3 for each in found[1:]) == 4
    assert draws(Lengths, Lengths.Settings(), 9) == found
    assert draws(Lengths, Lengths.Settings(), 1) == found[:1]


def test_methods_without_a_search_space_are_refused() -> None:
    class Bare(Lengths):
        search = {}

    with pytest.raises(UserError, match="no search space"):
        draws(Bare, Bare.Settings(), 2)
    with pytest.raises(UserError, match="a budget of 0 fits"):
        draws(Lengths, Lengths.Settings(), 0)
    assert Bare.needs_search()


def test_no_evaluation_row_of_the_task_is_ever_used() -> None:
    task = tasks.find("movies")
    corpus = task.load(None)
    side = training_side(task, corpus, correlation=0.85, seed=0)
    seen = {*side.training.train.ids, *side.training.valid.ids, *side.evaluation.ids}
    pool = task.pool(corpus)
    allowed = {name for name, may in zip(pool.rows.ids, pool.training, strict=True) if may}
    assert seen <= allowed
    for seed in range(3):
        assert not seen & set(task.draw(corpus, seed=seed).evaluation.ids)
    assert not set(side.training.train.ids) & set(side.evaluation.ids)
    assert set(side.evaluation.cell_counts().values()) == {HELD_OUT_PER_CELL}


def test_a_task_without_a_fixed_training_side_is_refused() -> None:
    task = tasks.find("tweets-davidson")

    class Open(type(task)):
        def pool(self, corpus):
            pool = super().pool(corpus)
            every = np.ones(len(pool.rows), dtype=np.bool_)
            return type(pool)(pool.rows, every, every)

    with pytest.raises(UserError, match="tune on a task with an official split"):
        training_side(Open(), task.load(None), correlation=0.85, seed=0)


@pytest.fixture
def tune(
    tmp_path: Path, backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Iterator[Fit]]:
    monkeypatch.setattr(trying, "HELD_OUT_PER_CELL", 30)
    monkeypatch.setattr(Lengths, "fitted", 0)
    task = tasks.find("movies")
    given = (Lengths, Lengths.Settings(), task, task.load(None), backbone)
    return lambda: trying.tuned(*given, tmp_path / "tuning" / "lengths.csv", budget=3)


def test_what_was_tried_is_kept_and_not_tried_again(
    tmp_path: Path, tune: Callable[[], Iterator[Fit]]
) -> None:
    path = tmp_path / "tuning" / "lengths.csv"
    first = list(tune())
    settings = [json.loads(each.settings) for each in first]
    assert settings[:3] == draws(Lengths, Lengths.Settings(), 3)
    assert settings[3:] == 2 * to_refine(read_fits(path))
    assert [each.seed for each in first] == [0, 0, 0, 1, 1, 2, 2]
    assert Lengths.fitted == 7
    assert 0.3 < first[0].target < 0.7
    assert first[0].effective_rank == pytest.approx(1.0)
    assert not first[0].keeps
    stored = path.read_bytes()
    assert list(tune()) == read_fits(path)
    assert Lengths.fitted == 7
    assert path.read_bytes() == stored
    assert {each.precision for each in read_fits(path)} == {first[0].precision}
    assert first[0].precision in ("float32", "bfloat16")
    older = [line.rsplit(",", 1)[0] for line in path.read_text(encoding="utf-8").splitlines()]
    path.write_text("\n".join(older), encoding="utf-8")
    assert {each.precision for each in read_fits(path)} == {"unknown"}
    path.write_text("nonsense\n1\n", encoding="utf-8")
    with pytest.raises(UserError, match="remove it to start again"):
        next(tune())


@pytest.mark.parametrize("ended", [2, 4])
def test_a_tuning_that_ended_goes_on_as_if_it_had_not(
    ended: int, tmp_path: Path, tune: Callable[[], Iterator[Fit]]
) -> None:
    path = tmp_path / "tuning" / "lengths.csv"

    def untimed() -> list[Fit]:
        return [dataclasses.replace(each, fit_seconds=0.0) for each in read_fits(path)]

    list(tune())
    whole = untimed()
    path.unlink()
    list(islice(tune(), ended))
    assert untimed() == whole[:ended]
    list(tune())
    assert untimed() == whole
    assert Lengths.fitted == 14


def fit(power: float, seed: int, leakage: float, kept: float = 0.5) -> Fit:
    settings = json.dumps({"power": power})
    return Fit(settings, seed, 0.8, leakage, 0.5, kept, 0.01, 9.0, 1.0, "float32")


FITS = [
    fit(1, 0, 0.75), fit(2, 0, 0.65), fit(3, 0, 0.55, kept=0.02), fit(4, 0, 0.70),
]  # fmt: skip


def test_the_best_that_keep_enough_are_refined() -> None:
    assert to_refine(FITS) == [{"power": 2}, {"power": 4}]
    poor = [dataclasses.replace(each, neighbours_kept=0.0) for each in FITS]
    assert to_refine(poor) == [{"power": 3}, {"power": 2}]


def test_the_choice_follows_from_all_seeds() -> None:
    more = [fit(2, 1, 0.75), fit(2, 2, 0.75), fit(4, 1, 0.60), fit(4, 2, 0.60)]
    with pytest.raises(UserError, match="not finished"):
        chosen(FITS)
    assert chosen([*FITS, *more]).settings == '{"power": 4}'
    lost = [fit(2, s, 0.60, kept=0.0) for s in (1, 2)] + [fit(4, s, 0.70) for s in (1, 2)]
    assert chosen([*FITS, *lost]).settings == '{"power": 4}'


def test_rules_are_compared_where_all_settings_are_tried() -> None:
    later = [fit(4, seed, 0.5) for seed in (1, 2)]
    assert [json.loads(each.settings)["power"] for each in drawn([*FITS, *later])] == [2, 4, 1, 3]


def test_defaults_follow_from_the_stored_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fits = [*FITS, fit(4, 1, 0.60), fit(4, 2, 0.60)]
    write_fits(tmp_path / "lengths.csv", fits)
    write_fits(tmp_path / "others.csv", fits)
    stored = stored_fits(tmp_path)
    assert [each.settings for each in stored["lengths"]] == [each.settings for each in fits]
    path = tmp_path / "tuned.toml"
    write_defaults(stored, path)
    monkeypatch.setattr(tuned, "TUNED_FILE", path)
    monkeypatch.setattr(learner, "tuned_settings", tuned.tuned_settings.__wrapped__)
    assert Lengths.settings_for().power == 4
    assert Lengths.settings_for(kind="triplets").power == 1

    class Above(Lengths):
        name = "above"
        balanced_training = True

    assert Above.settings_for().power == 4
    stored["others"].pop()
    before = path.read_text()
    with pytest.raises(UserError, match="different numbers of fits"):
        write_defaults(stored, path)
    with pytest.raises(UserError, match="there are no fits to choose from"):
        write_defaults(stored_fits(tmp_path / "no folder"), path)
    assert path.read_text() == before


def test_the_table_says_whether_the_order_hangs_on_what_is_kept(tmp_path: Path) -> None:
    seeds = [dataclasses.replace(each, seed=s) for each in FITS[:3:2] for s in (1, 2)]
    seeds = [dataclasses.replace(each, precision="bfloat16") for each in seeds]
    write_fits(tmp_path / "movies" / "both.csv", [*FITS, *seeds])
    steady = [fit(5, s, 0.70) for s in range(3)]
    write_fits(tmp_path / "movies" / "steady.csv", steady)
    (document,) = tuned_tables.documents(tmp_path)
    cells = {row.keys[0]: [cell.text for cell in row.cells] for row in document.tables[0].rows}
    chose, keeping, alone = ([3, 6, 9][i] for i in range(3))
    assert cells["both"][1] == "power=1"
    assert cells["both"][chose : chose + 2] == ["2", ".500"]
    # The draw that keeps enough under the first seed, and the one that comes nearest.
    assert [cells["both"][keeping], cells["steady"][keeping]] == ["1", "2"]
    assert cells["both"][alone:] == ["1", ".020", "bfloat16, float32"]
    (chart,) = tuned_figures.charts(tmp_path)
    drawn = chart.draw()
    assert drawn is not None
    ax = drawn.axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["both", "steady"]
    # Five settings, and a ring around the chosen one of each method.
    assert len(ax.lines) == 5 + 2
    write_fits(tmp_path / "movies" / "begun.csv", steady[:2])
    assert list(tuned_tables.documents(tmp_path)) == []
    assert list(tuned_figures.charts(tmp_path)) == []


def test_stored_fits_are_as_many_for_every_method_that_has_numbers_to_tune() -> None:
    counts = {method: len(fits) for method, fits in stored_fits(STORED).items()}
    trainable = {name for name in discovery.methods() if discovery.load(name).needs_search()}
    assert counts == dict.fromkeys(trainable, 8 + REFINED * (SEEDS - 1))

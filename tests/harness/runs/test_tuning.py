"""Tuning sees the training side alone, and tries nothing twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from data import tasks
from data.errors import UnknownNameError, UserError
from harness.contract.method import Method, Representation
from harness.encoders.backbones import Backbone
from harness.runs import tuning


class Lengths(Method):
    """Represents a text by a power of its length. Source: none."""

    fitted = 0

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


def test_a_grid_holds_all_combinations_with_the_types_of_the_settings() -> None:
    found = tuning.grid(Lengths, ["power=1,0.5", "offset=3"])
    assert found == [{"power": 1.0, "offset": 3}, {"power": 0.5, "offset": 3}]
    assert isinstance(found[0]["offset"], int)
    assert tuning.grid(Lengths, []) == [{}]


@pytest.mark.parametrize(
    ("choice", "error", "said"),
    [
        ("powr=1", UnknownNameError, "did you mean 'power'"),
        ("power", UserError, "NAME=VALUE"),
        ("offset=many", UserError, "must be of type int"),
    ],
)
def test_a_bad_choice_is_one_clear_error(choice: str, error: type[UserError], said: str) -> None:
    with pytest.raises(error, match=said):
        tuning.grid(Lengths, [choice])


def test_no_evaluation_row_of_the_task_is_ever_used() -> None:
    task = tasks.find("movies")
    corpus = task.load(None)
    tuned = tuning.training_side(task, corpus, correlation=0.85, seed=0)
    seen = {*tuned.training.train.ids, *tuned.training.valid.ids, *tuned.evaluation.ids}
    pool = task.pool(corpus)
    allowed = {name for name, may in zip(pool.rows.ids, pool.training, strict=True) if may}
    assert seen <= allowed
    for seed in range(3):
        assert not seen & set(task.draw(corpus, seed=seed).evaluation.ids)
    assert not set(tuned.training.train.ids) & set(tuned.evaluation.ids)
    counts = set(tuned.evaluation.cell_counts().values())
    assert counts == {tuning.HELD_OUT_PER_CELL}


def test_a_task_without_a_fixed_training_side_is_refused() -> None:
    task = tasks.find("tweets-davidson")

    class Open(type(task)):
        def pool(self, corpus):
            pool = super().pool(corpus)
            every = np.ones(len(pool.rows), dtype=np.bool_)
            return type(pool)(pool.rows, every, every)

    with pytest.raises(UserError, match="tune on a task with an official split"):
        tuning.training_side(Open(), task.load(None), correlation=0.85, seed=0)


def test_what_was_tried_is_kept_and_not_tried_again(tmp_path: Path, backbone: Backbone) -> None:
    task = tasks.find("movies")
    path = tmp_path / "tuning" / "movies-lengths.csv"

    def tried(*choices: str) -> list[tuning.Tried]:
        return list(
            tuning.tune(
                Lengths,
                tuning.grid(Lengths, choices),
                task,
                task.load(None),
                backbone,
                profile="quick",
                correlation=0.85,
                seeds=1,
                path=path,
            )
        )

    Lengths.fitted = 0
    first = tried("power=1,2")
    assert Lengths.fitted == 2
    assert 0.3 < first[0].target < 0.7
    again = tried("power=2,3")
    assert Lengths.fitted == 3
    assert again[0].target == pytest.approx(first[1].target, abs=1e-4)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "settings,seed,target,leakage,score,fit_seconds"
    assert len(lines) == 4
    path.write_text("nonsense\n1\n", encoding="utf-8")
    with pytest.raises(UserError, match="remove it to start again"):
        tried("power=1")

"""What determines a result, and the balanced rows of upper bounds."""

import pickle
from collections.abc import Callable, Iterator
from dataclasses import FrozenInstanceError, astuple, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from fakes import WORDS, write_package

from data import tasks
from harness.contract.seeds import seed_from
from harness.runs.profiles import find
from harness.runs.trial_inputs import TrialInputs, folder_identity, split_seed
from harness.store.records import key_of
from harness.store.trial import Trial

BOUND = (
    WORDS
    + '''

    class Bound(Words):
        """Words under the best of conditions. Source: none."""

        name = "bound"
        balanced_training = True


    class Count(Words):
        """How many words. Source: none."""

        name = "count"
        control = True
'''
)

Make = Callable[..., TrialInputs]


def pretended(name: str) -> Any:
    return SimpleNamespace(name=name, weights_hash="w0", revision=None)


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    folder = tmp_path_factory.mktemp("methods")

    def made(task: Any = None, profile: str = "smoke") -> TrialInputs:
        chosen = task or tasks.find("movies")
        return TrialInputs(
            find(profile),
            {chosen.name: chosen},
            resolve=pretended,
            packages=(package,),
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        package = write_package(folder, "materials_methods", words=BOUND)
        yield made


def trial(method: str, *, task: str = "movies", rho: float = 0.85, seed: int = 0) -> Trial:
    return Trial(task, rho, "fake", method, "default", seed)


def test_what_sets_a_method_apart_is_an_input_only_where_it_is_so(make: Make) -> None:
    """Keys of stored records, which never named it, must stay what they are."""
    trial_inputs = make()
    prepared = {name: trial_inputs.prepare(trial(name)) for name in ("words", "bound", "count")}
    plain, bound, count = (each.inputs for each in prepared.values())
    assert set(plain) == {
        "schema",
        "task",
        "corpus",
        "similarity",
        "backbone",
        "method",
        "variant",
        "settings",
        "correlation",
        "seed",
    }
    assert bound == {**plain, "method": "bound", "balanced_training": True}
    assert count == {**plain, "method": "count", "control": True}
    assert prepared["words"].key == key_of(plain)
    assert prepared["bound"].key != key_of({**plain, "method": "bound"})


def own_trial(task: Any) -> Trial:
    return replace(trial("words"), task=task.name)


def test_names_of_own_files_and_folders_change_nothing(make: Make, tmp_path: Path) -> None:
    rows = [f"text {i},m{i % 2},t{i // 2 % 2}" for i in range(200)]
    for name in ("one.csv", "two.csv"):
        (tmp_path / name).write_text("\n".join(["text,mood,topic", *rows]))
    found = []
    for name in ("one.csv", "two.csv"):
        task = tasks.find("data", data=tmp_path / name, aspects=("mood", "topic"))
        trial_inputs = make(task)
        prepared = trial_inputs.prepare(own_trial(task))
        drawn = trial_inputs.splits(prepared.trial).evaluation.ids
        found.append((prepared.key, prepared.training_seed, prepared.split_seed, drawn))
    assert found[0] == found[1]

    folders = [tmp_path / "here", tmp_path / "there"]
    for folder in folders:
        folder.mkdir()
        (folder / "config.json").write_text("{}")
    shared = make()
    shared.backbone = lambda name: SimpleNamespace(
        name=name, weights_hash="w0", revision=None, folder=Path(name)
    )
    ways = [shared.prepare(replace(trial("words"), backbone=str(folder))) for folder in folders]
    assert ways[0].key == ways[1].key
    assert ways[0].training_seed == ways[1].training_seed
    (folders[0] / "config.json").write_text("{ }")
    folder_identity.cache_clear()
    assert shared.prepare(ways[0].trial).key != ways[1].key


def test_a_prepared_trial_has_all_that_is_known_before_it_runs(make: Make) -> None:
    trial_inputs = make()
    short = replace(trial("words", seed=3), variant="short")
    prepared = trial_inputs.prepare(short)
    assert prepared.trial is short
    assert prepared.task is trial_inputs.tasks["movies"]
    assert prepared.method_class is trial_inputs.method_class("words")
    assert prepared.settings == prepared.method_class.Settings(words=("the", "a"))
    assert prepared.inputs["settings"] == {"words": ("the", "a")}
    assert prepared.key == key_of(prepared.inputs)
    assert prepared.training_seed == seed_from("train", *astuple(short))
    assert prepared.split_seed == split_seed("movies", 3)
    with pytest.raises(FrozenInstanceError):
        prepared.key = "another"  # type: ignore[misc]


def test_other_processes_load_everything_themselves(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    trial_inputs = make()
    trial_inputs.corpus("movies")
    trial_inputs.data_dir = Path("corpora")
    arrived = pickle.loads(pickle.dumps(trial_inputs))
    assert not arrived._corpora
    assert arrived.resolve is pretended
    assert arrived.packages == trial_inputs.packages
    assert arrived.profile == trial_inputs.profile
    assert list(arrived.tasks) == ["movies"]
    # A worker may stand in another folder.
    assert arrived.data_dir == tmp_path / "corpora"


@pytest.mark.parametrize("name", ["movies", "tweets"])
@pytest.mark.parametrize("seed", [0, 1])
def test_upper_bounds_learn_from_balanced_rows_and_meet_everybodys_evaluation_rows(
    make: Make, name: str, seed: int
) -> None:
    trial_inputs = make(tasks.find(name), "quick")
    plain, bound = (
        trial_inputs.splits(trial(method, task=name, seed=seed)) for method in ("words", "bound")
    )
    assert bound.evaluation.ids == plain.evaluation.ids
    for correlated, balanced in (
        (plain.training.train, bound.training.train),
        (plain.training.valid, bound.training.valid),
    ):
        assert len(balanced) == len(correlated)
        assert np.ptp(np.bincount(balanced.cells)) == 0
        assert np.ptp(np.bincount(correlated.cells)) > len(correlated) / 10
    assert plain.training.correlation == 0.85
    assert bound.training.correlation == 0.5
    assert not set(bound.training.train.ids) & set(bound.evaluation.ids)


def test_their_rows_are_the_same_whatever_the_correlation(make: Make) -> None:
    trial_inputs = make()
    first, second = (trial_inputs.splits(trial("bound", rho=rho)) for rho in (0.7, 0.95))
    assert first.training.train.ids == second.training.train.ids
    before, after = (trial_inputs.splits(trial("words", rho=rho)) for rho in (0.7, 0.95))
    assert before.training.train.ids != after.training.train.ids


def test_balanced_means_all_cells_of_any_number_of_classes(make: Make, tmp_path: Path) -> None:
    """One half in the majority cells would be far from balanced where there are nine cells."""
    rows = [
        f"{i} {mood} {topic},{mood},{topic}"
        for i in range(120)
        for mood in ("good", "bad", "mixed")
        for topic in ("sea", "hill", "town")
    ]
    file = tmp_path / "own.csv"
    file.write_text("\n".join(["text,mood,topic", *rows]))
    task = tasks.find("data", data=file, text="text", aspects=("mood", "topic"))
    splits = make(task).splits(trial("bound", task=task.name))
    assert np.ptp(np.bincount(splits.training.train.cells, minlength=9)) <= 1

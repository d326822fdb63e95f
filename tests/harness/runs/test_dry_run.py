"""What a run would do and cost, before it does."""

import dataclasses
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fakes import WORDS, make_record, small_backbone, write_package

from data import tasks
from data.errors import UserError
from harness.evaluation.probes import PROBES
from harness.runs.driver import run
from harness.runs.dry_run import planned
from harness.runs.estimates import Estimates, duration, size
from harness.runs.overview import Overview
from harness.runs.profiles import find
from harness.runs.request import trials_in_order
from harness.runs.trial_inputs import TrialInputs
from harness.store.records import Record, write_record
from harness.store.trial import Trial
from harness.system.cache import checkpoint_folder


def trial(method: str = "a", variant: str = "default", seed: int = 0, task: str = "t") -> Trial:
    return Trial(task, 0.85, "minilm", method, variant, seed)


def took(seconds: float, **names: Any) -> Record:
    record = make_record(seed=names.get("seed", 0))
    provenance = {**record.provenance, "seconds": seconds}
    return dataclasses.replace(record, trial=trial(**names), provenance=provenance)


def test_estimates_come_from_the_most_alike() -> None:
    known = Estimates()
    assert known.seconds([trial()]) is None
    for seconds, names in (
        (10.0, {"seed": 0}),
        (20.0, {"seed": 1}),
        (100.0, {"variant": "big"}),
        (1000.0, {"method": "b"}),
    ):
        known.add(took(seconds, **names))
    assert known.seconds([trial(seed=7)]) == 15.0
    assert known.seconds([trial(variant="big"), trial(seed=5)]) == 115.0
    # Another task, another variant, another method: ever less alike.
    assert known.seconds([trial(task="u")]) == 15.0
    assert known.seconds([trial(variant="new")]) == pytest.approx(130 / 3)
    assert known.seconds([trial(method="c")]) == pytest.approx(1130 / 4)
    assert known.seconds([dataclasses.replace(trial(), backbone="bert")]) is None
    assert known.seconds([]) == 0.0


def test_times_of_other_tasks_are_taken_in_proportion_to_the_rows() -> None:
    known = Estimates({"t": 8, "u": 8})
    known.add(took(10.0))
    assert known.seconds([trial()]) == 10.0
    assert known.seconds([trial(task="u")]) == 20.0
    assert known.seconds([trial(task="unknown")]) == 10.0


def test_a_wider_backbone_is_guessed_from_a_smaller_one() -> None:
    known, guessed = Estimates(), Estimates()
    known.add(took(10.0))
    guessed.take_over(known, "mpnet", 4.0)
    wide = dataclasses.replace(trial(), backbone="mpnet")
    assert guessed.seconds([wide]) == 40.0
    assert guessed.bytes([wide]) == known.bytes([trial()])
    assert guessed.seconds([trial()]) is None


def test_failures_say_nothing_about_time(tmp_path: Path) -> None:
    write_record(tmp_path, "smoke", make_record(status="failed"))
    (tmp_path / "smoke/records/toy/untuned/broken.json").write_text("{")
    known = Estimates.of_stored(tmp_path, "smoke")
    assert known.seconds([make_record().trial]) is None
    path = write_record(tmp_path, "smoke", make_record(seed=1))
    known = Estimates.of_stored(tmp_path, "smoke")
    assert known.seconds([make_record().trial]) == 1.5
    assert known.bytes([make_record().trial]) == path.stat().st_size


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(3, "3 s"), (89, "89 s"), (600, "10 min"), (3600 * 3.5, "3 h 30 min")],
)
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(("amount", "said"), [(1200, "1 kB"), (3.4e6, "3.4 MB"), (1.2e9, "1.2 GB")])
def test_sizes(amount: float, said: str) -> None:
    assert size(amount) == said


def test_time_left_falls_as_trials_end() -> None:
    known = Estimates()
    known.add(took(60.0))
    todo = [trial(seed=seed) for seed in range(4)]
    overview = Overview(todo, known)
    with closing(overview):
        assert overview.seconds_left() == 240.0
        overview.started(todo[0])
        overview.started(todo[1])
        # Two at a time.
        assert overview.seconds_left() == 120.0
        assert overview.fields() == {"running": 2, "left": "2 min"}
        overview.ended(todo[0], took(60.0, seed=0))
        assert overview.seconds_left() == 90.0
        for each in todo[1:]:
            overview.ended(each, None)
        assert overview.seconds_left() == 0.0


def test_a_plan_says_what_a_run_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    package = write_package(tmp_path, "plan_methods", words=WORDS)
    monkeypatch.setattr("harness.evaluation.aspects.PROBES", {"linear": PROBES["linear"]})
    trial_inputs = TrialInputs(
        find("smoke"),
        {"movies": tasks.find("movies")},
        resolve=small_backbone,
        packages=(package,),
    )
    trials = trials_in_order(
        {"movies": (0.85,)},
        {"words": ("default",), "choosy": ("default",)},
        backbone="fake",
        seeds=2,
    )
    results = tmp_path / "results"
    first = planned(trials, trial_inputs, results)
    assert list(first.lines())[1].startswith("no earlier trial of this profile")
    assert len(first.run) == 4
    assert not results.exists()

    run(trials[:1], trial_inputs, results)
    begun = checkpoint_folder(trial_inputs.prepare(trials[2]).key)
    begun.mkdir(parents=True)
    (begun / "state").touch()
    second = planned(trials, trial_inputs, results)
    assert second.skip == trials[:1]
    assert second.resume == (trials[2],)
    assert second.run == (trials[1], trials[3])
    lines = list(second.lines(workers=2))
    assert lines[0] == "2 to run, 1 to resume, 1 to skip"
    assert "with 2 at a time and" in lines[1]
    assert lines[2].startswith("skip    movies 0.85 words seed 0")
    assert lines[3].startswith("resume  movies 0.85 words seed 1, about ")
    assert len(planned(trials, trial_inputs, results, again=True).skip) == 0

    outcome = run(trials, trial_inputs, results)
    assert set(outcome.stored) == set(second.skip)
    ran = {*outcome.done, *(each for each, _ in outcome.skipped)}
    assert ran == {*second.run, *second.resume}


@pytest.mark.parametrize(
    ("options", "correlation", "said"),
    [({}, 0.2, "correlation 0.2 is outside"), ({"genres": ("Drama", "Nope")}, 0.85, "'Nope'")],
)
def test_a_plan_refuses_what_cannot_be_drawn(
    options: dict[str, Any], correlation: float, said: str, tmp_path: Path
) -> None:
    task = tasks.find("movies", **options)
    trial_inputs = TrialInputs(find("smoke"), {task.name: task}, resolve=small_backbone)
    trials = trials_in_order(
        {task.name: (correlation,)}, {"untuned": ("default",)}, backbone="fake", seeds=1
    )
    with pytest.raises(UserError, match=said):
        planned(trials, trial_inputs, tmp_path)

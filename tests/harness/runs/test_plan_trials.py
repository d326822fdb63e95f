"""Plans are complete, without repetition, and in a useful order."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import fields

import pytest

from data import tasks
from data.claims import claims
from data.errors import UnknownNameError
from harness.analysis.metrics import MethodVariant
from harness.contract.scores import COLUMNS
from harness.runs import discovery, profiles
from harness.runs.request import Request, Sweep, plan_request, trials_in_order
from harness.store.trial import Trial


def test_a_trial_is_named_by_the_first_columns_of_the_scores() -> None:
    assert tuple(field.name for field in fields(Trial)) == COLUMNS[:6]


def test_first_seeds_come_first_and_the_sweep_last() -> None:
    trials = trials_in_order(
        {"movies": (0.85,), "tweets": (0.85,)},
        {"a": ("default",), "b": ("default", "wide")},
        backbone="x",
        seeds=2,
        sweep=Sweep("movies", (0.5, 0.85), ("b", "absent")),
    )
    assert [str(trial) for trial in trials] == [
        "movies 0.85 a seed 0",
        "movies 0.85 b seed 0",
        "movies 0.85 b wide seed 0",
        "tweets 0.85 a seed 0",
        "tweets 0.85 b seed 0",
        "tweets 0.85 b wide seed 0",
        "movies 0.85 a seed 1",
        "movies 0.85 b seed 1",
        "movies 0.85 b wide seed 1",
        "tweets 0.85 a seed 1",
        "tweets 0.85 b seed 1",
        "tweets 0.85 b wide seed 1",
        "movies 0.5 b seed 0",
    ]


def test_headline_methods_run_everywhere_and_the_others_once() -> None:
    whole = {"movies": (0.85,), "tweets": (0.85,)}
    methods = {"a": ("default",), "b": ("default",), "own": ("default",)}
    trials = trials_in_order(whole, methods, backbone="x", seeds=2, headline=("a",))
    assert [str(trial) for trial in trials] == [
        "movies 0.85 a seed 0",
        "movies 0.85 b seed 0",
        "movies 0.85 own seed 0",
        "tweets 0.85 a seed 0",
        "movies 0.85 a seed 1",
        "tweets 0.85 a seed 1",
    ]
    assert set(trials) < set(trials_in_order(whole, methods, backbone="x", seeds=2))


UNTRAINED = frozenset(
    {"untuned", "inlp", "leace", "rlace", "readout", "tfidf", "leace-random-r", "leace-pca-r"}
)
WITHOUT_LATENT = frozenset({"decoder-lm", "lstm-lm"})


SECONDS = {
    "aspects": (24, 68),
    "triplets": (5, 30),
    "language": (6, 33),
}
"""Kind of task to a trial's seconds where nothing is trained, or no latent, and otherwise.

Means of one whole `reproduce` on two idle cores with bfloat16, one trial on each.
"""


def seconds(trial: Trial) -> int:
    cheap = trial.method in UNTRAINED | WITHOUT_LATENT
    return SECONDS[tasks.find(trial.task).kind][not cheap]


def test_the_quick_profile_stays_within_its_ten_minutes() -> None:
    def cost(whole: Iterable[Trial]) -> int:
        return sum(map(seconds, whole))

    listed, trial_inputs = plan_request(Request(profile="quick"))
    profile = trial_inputs.profile
    # Two cores run one trial each.
    assert cost(listed) / 2 < 10 * 60 - 30
    # Every control is there, and every task.
    kinds = {tasks.find(task).kind for task in profile.tasks}
    names = tuple(n for n in discovery.methods() if kinds & {*discovery.load(n).kinds})
    assert {n for n in names if discovery.load(n).control} <= {trial.method for trial in listed}
    assert {t.task for t in listed} == set(profile.tasks)
    # Without the list it would not, and would grow with every method that is added.
    taken = tuple(name for name in names if kinds & {*discovery.load(name).kinds})
    every, _ = plan_request(Request(profile="quick", methods=taken))
    assert cost(every) / 2 > 10 * 60


def test_studies_stand_between_the_seeds_and_the_sweep_each_with_its_own_seeds() -> None:
    trials = trials_in_order(
        {"movies": (0.85,)},
        {"a": ("default",)},
        backbone="x",
        seeds=1,
        studies={"movies": {"a": {"wide": 2, "far": 1}, "b": {"default": 1}}},
        sweep=Sweep("movies", (0.5,), ("a",)),
    )
    assert [str(trial) for trial in trials] == [
        "movies 0.85 a seed 0",
        "movies 0.85 a wide seed 0",
        "movies 0.85 a far seed 0",
        "movies 0.85 b seed 0",
        "movies 0.85 a wide seed 1",
        "movies 0.5 a seed 0",
    ]
    elsewhere = {"tweets": {"a": {"wide": 2}}}
    whole = trials_in_order(
        {"movies": (0.85,)}, {"a": ("default",)}, backbone="x", seeds=1, studies=elsewhere
    )
    assert len(whole) == 1


def test_a_sweep_of_another_task_is_left_out() -> None:
    sweep = Sweep("movies", (0.5,), ("a",))
    assert (
        len(
            trials_in_order(
                {"tweets": (0.85,)}, {"a": ("default",)}, backbone="x", seeds=3, sweep=sweep
            )
        )
        == 3
    )


@pytest.mark.parametrize("profile", profiles.PROFILES, ids=lambda profile: profile.name)
def test_profiles_name_what_there_is(profile: profiles.Profile) -> None:
    assert set(profile.tasks) <= set(tasks.names())
    assert profile.sweep_task in profile.tasks
    with_own = {*profile.task_seeds, *profile.more_seeds}
    assert {*profile.study_tasks, *profile.dial_tasks, *with_own} <= set(profile.tasks)
    kinds = [tasks.find(name).kind for name in profile.study_tasks]
    assert len(kinds) == len(set(kinds))
    left_out = {method for methods in profile.left_out.values() for method in methods}
    assert set(profile.left_out) <= set(profile.tasks)
    listed = {*profile.headline, *profile.others, *left_out}
    with_more = {method for more in profile.more_seeds.values() for method in more}
    named = {*profile.sweep_methods, *profile.dial_methods, *with_more, *listed}
    assert named <= set(discovery.methods())
    assert profiles.find(profile.name) is profile


def test_an_unknown_profile_suggests_the_near_one() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'quick'"):
        profiles.find("quik")


def test_methods_run_on_the_tasks_they_take_and_some_tasks_have_seeds_of_their_own() -> None:
    trials = trials_in_order(
        {"movies": (0.85,), "talk": (0.0,)},
        {"masks": ("default",), "speaker": ("default", "mute")},
        backbone="x",
        seeds=2,
        headline=("masks",),
        seeds_of=lambda task, method: 1 if task == "talk" else 2,
        takes={"masks": ("movies",), "speaker": ("talk",)},
    )
    assert [str(trial) for trial in trials] == [
        "movies 0.85 masks seed 0",
        # The first task that the method takes, though it is not the first there is.
        "talk 0 speaker seed 0",
        "talk 0 speaker mute seed 0",
        "movies 0.85 masks seed 1",
    ]


def test_some_methods_have_more_seeds_on_some_tasks() -> None:
    more = {"movies": {"masks": 3}}
    profile = profiles.Profile("toy", "", "x", ("movies", "tweets"), 2, more_seeds=more)
    trials = trials_in_order(
        {"movies": (0.85,), "tweets": (0.85,)},
        dict.fromkeys(("masks", "eraser"), ("default",)),
        backbone="x",
        seeds=2,
        seeds_of=profile.seeds_of,
    )
    counts = Counter((trial.task, trial.method) for trial in trials)
    assert counts.pop(("movies", "masks")) == 3
    assert set(counts.values()) == {2}
    assert str(trials[-1]) == "movies 0.85 masks seed 2"
    assert profile.seeds_of("movies", "masks") == 3
    assert profile.seeds_of("movies", "masks", "eraser") == 2
    assert profile.seeds_of("movies") == profile.seeds_of("tweets", "masks") == 2


def test_claims_on_labelled_tasks_are_about_methods_with_five_seeds() -> None:
    """C1 to C3, but for what the tasks of the other kinds are compared by."""
    profile = profiles.find("standard")
    asked = [
        (task, MethodVariant.named(side).method)
        for claim in claims()
        if claim.name in {"C1", "C2", "C3"}
        for part in claim.parts
        for each in part.comparisons
        for task in each.tasks
        for side in (*each.of, *each.against)
        if tasks.find(task).kind == "aspects"
    ]
    assert len(asked) > 10
    assert {profile.seeds_of(*each) for each in asked} == {5}

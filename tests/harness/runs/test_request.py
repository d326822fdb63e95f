"""What a request means in trials."""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import WORDS, write_package

from data.errors import UserError
from harness.runs.request import Request, plan_request
from harness.store.trial import Trial


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.delenv("DISENTANGLE_DATA", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.startswith("request_methods")]:
        monkeypatch.delitem(sys.modules, name)
    return write_package(tmp_path, "request_methods", words=WORDS)


def test_nothing_asked_means_the_quick_profile(package: str) -> None:
    trials, trial_inputs = plan_request(Request(packages=(package,)))
    assert trial_inputs.profile.name == "quick"
    assert {trial.method for trial in trials} == {"broken", "choosy", "unsure", "words"}
    assert {trial.backbone for trial in trials} == {"minilm"}
    # None of them is on the profile's lists, so each runs, and once.
    assert [(trial.task, trial.seed) for trial in trials] == [("movies", 0)] * 4


def test_methods_on_the_list_and_named_ones_run_with_every_seed_on_every_task() -> None:
    every = {("movies", 0), ("tweets", 0)}

    def runs(trials: Sequence[Trial], method: str) -> set[tuple[str, int]]:
        return {(t.task, t.seed) for t in trials if t.method == method and t.correlation == 0.85}

    whole, trial_inputs = plan_request(Request(profile="quick"))
    listed = trial_inputs.profile.headline
    assert [trial.method for trial in whole[: len(listed)]] == list(listed)
    assert all(runs(whole, method) == every for method in listed)
    assert runs(whole, "masked-units") == {("movies", 0)}
    named, _ = plan_request(Request(profile="quick", methods=("masked-units",)))
    assert runs(named, "masked-units") == every
    elsewhere, _ = plan_request(Request(profile="quick", tasks=("tweets",)))
    assert runs(elsewhere, "masked-units") == {("tweets", 0)}
    more, _ = plan_request(Request(profile="quick", methods=("masked-units",), seeds=3))
    assert len(runs(more, "masked-units")) == 6


def test_upper_bounds_have_neither_studies_nor_a_sweep() -> None:
    request = Request(profile="standard", data_dir=Path("somewhere"))
    trials = [t for t in plan_request(request)[0] if t.method.startswith("oracle-")]
    assert {t.method for t in trials} == {"oracle-masked-weights", "oracle-finetuned"}
    assert {(t.variant, t.correlation) for t in trials} == {("default", 0.85)}
    assert len(trials) == 2 * 3 * 3


def test_what_is_made_from_a_fit_comes_behind_it() -> None:
    names = ("complement", "readout-finetuned", "masked-weights", "finetuned")
    trials, _ = plan_request(Request(profile="smoke", tasks=("movies",), methods=names, seeds=2))
    assert [(trial.seed, trial.method) for trial in trials] == [
        (seed, name)
        for seed in range(2)
        for name in ("masked-weights", "finetuned", "complement", "readout-finetuned")
    ]


def test_what_a_profile_leaves_out_of_a_task_runs_there_where_it_is_named() -> None:
    request = Request(profile="standard", data_dir=Path("somewhere"))
    trials, trial_inputs = plan_request(request)
    there = {(t.task, t.method) for t in trials}
    left_out = {(task, m) for task, ms in trial_inputs.profile.left_out.items() for m in ms}
    assert len(left_out) > 10
    assert not there & left_out
    assert ("yelp-lm", "hsvae") in there
    for task, method in sorted(left_out):
        named, _ = plan_request(replace(request, tasks=(task,), methods=(method,)))
        assert {(t.task, t.method) for t in named} == {(task, method)}


def test_a_data_folder_means_the_standard_profile(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, trial_inputs = plan_request(Request(data_dir=Path("somewhere"), packages=(package,)))
    assert trial_inputs.profile.name == "standard"
    assert {(trial.task, trial.seed) for trial in whole} == {
        (task, seed) for task in ("movies", "tweets", "tweets-davidson") for seed in range(3)
    }
    monkeypatch.setenv("DISENTANGLE_DATA", "somewhere")
    assert plan_request(Request(packages=(package,)))[0] == whole


def test_own_data_run_with_the_settings_of_standard_and_without_a_data_folder() -> None:
    own = {"data": {"data": "x.csv", "aspects": ("a", "b")}}
    request = Request(tasks=("data",), options=own, methods=("masked-weights",))
    trials, trial_inputs = plan_request(request)
    assert trial_inputs.profile.name == "standard"
    assert [trial.seed for trial in trials] == [0, 1, 2]
    standard = trial_inputs.method_class("masked-weights").settings_for("default", "standard")
    assert trial_inputs.settings(trials[0]) == standard
    assert plan_request(replace(request, profile="quick"))[1].profile.name == "quick"


def test_the_sweep_is_over_the_profiles_methods_alone() -> None:
    trials, trial_inputs = plan_request(Request(profile="standard", data_dir=Path("somewhere")))
    swept = {(t.method, t.correlation) for t in trials if t.correlation not in (0.0, 0.85)}
    (task,) = {t.task for t in trials if t.correlation == 0.5}
    assert task == trial_inputs.profile.sweep_task
    there = {t.method for t in trials}
    assert swept == {
        (method, rho)
        for method in trial_inputs.profile.sweep_methods
        for rho in (0.5, 0.7, 0.95)
        if method in there
    }
    assert {"untuned", "masked-weights"} <= {method for method, _ in swept} < there


def test_studies_belong_to_the_whole_profile() -> None:
    request = Request(profile="standard", data_dir=Path("somewhere"), methods=("masked-weights",))
    studied = {t.variant for t in plan_request(request)[0]} - {"default"}
    turned = {variant for variant in studied if "=" in variant}
    assert {"sparsity-0.9", "pruned-0.9", "no-triplet", "hard-concrete"} <= studied
    # One study task for each kind of task that the method learns; dials have tasks of their own.
    assert {t.task for t in plan_request(request)[0] if t.variant in studied - turned} == {
        "movies",
        "syntax",
    }
    for narrowed in (
        replace(request, tasks=("movies",)),
        replace(request, correlations=(0.85,)),
        replace(request, profile="quick", data_dir=None),
    ):
        assert {t.variant for t in plan_request(narrowed)[0]} == {"default"}
    one = plan_request(replace(request, variants=("no-triplet",)))[0]
    assert {t.variant for t in one} == {"no-triplet"}


def test_dials_are_turned_with_every_seed_on_their_tasks() -> None:
    request = Request(profile="standard", data_dir=Path("somewhere"))
    trials, trial_inputs = plan_request(request)
    profile = trial_inputs.profile
    for name in profile.dial_methods:
        method = trial_inputs.method_class(name)
        assert method.dial
        turned = [
            (t.task, t.variant, t.seed)
            for t in trials
            if (t.method, "=" in t.variant) == (name, True)
        ]
        assert sorted(turned) == sorted(
            (task, variant, seed)
            for task in ("movies", "tweets-davidson")
            for variant in method.dial.variants
            for seed in range(3)
        )
    others = {t.method for t in trials if "=" in t.variant} - {*profile.dial_methods}
    assert others == {"leace-random-r", "leace-pca-r"}
    narrowed = plan_request(replace(request, tasks=("movies",), methods=("leace",)))[0]
    assert {t.variant for t in narrowed} == {"default"}


@pytest.mark.parametrize("seeds", [1, 4])
def test_seeds_that_are_asked_for_hold_for_dials_and_limit_studies(seeds: int) -> None:
    methods = ("leace", "masked-weights", "untuned")
    request = Request(profile="standard", data_dir=Path("somewhere"), methods=methods)
    usual, trials = plan_request(request)[0], plan_request(replace(request, seeds=seeds))[0]

    def counts(planned: Sequence[Trial]) -> Counter[tuple[str, str, str]]:
        return Counter((t.task, t.method, t.variant) for t in planned if t.correlation == 0.85)

    before, after = counts(usual), counts(trials)
    assert before.keys() == after.keys()
    dials = {each for each in after if "=" in each[2]}
    studied = {each for each in after if each[2] != "default"} - dials
    assert dials
    assert {after[each] for each in dials} == {seeds}
    assert max(before[each] for each in studied) > 1
    assert all(after[each] == min(before[each], seeds) for each in studied)


def test_base_masks_the_last_nine_layers_too() -> None:
    request = Request(profile="base", data_dir=Path("somewhere"))
    trials, trial_inputs = plan_request(request)
    assert {t.backbone for t in trials} == {"mpnet"}
    assert {t.method for t in trials} == set(trial_inputs.profile.others)
    assert len(trials) == len(set(trials)) == 3 * (3 * 12 + 7)
    for method in ("masked-weights", "masked-units"):
        deep = {(t.task, t.seed) for t in trials if (t.method, t.variant) == (method, "layers-9")}
        assert len(deep) == 3 * 4
        settings = trial_inputs.method_class(method).settings_for("layers-9", "base")
        assert settings.layers == 9
    # Under the six layers of `standard` it would be all of them.
    whole = plan_request(replace(request, profile="standard"))[0]
    assert "layers-9" not in {t.variant for t in whole}


def test_a_request_that_means_no_trial_is_refused() -> None:
    request = Request(profile="base", tasks=("captions-lm",), data_dir=Path("somewhere"))
    with pytest.raises(UserError, match="no method of the profile base runs on captions-lm as"):
        plan_request(request)
    assert plan_request(replace(request, methods=("lstm-lm",)))[0]
    variant = replace(request, profile="standard", variants=("no-triplet",))
    with pytest.raises(UserError, match="no method of the profile standard runs on captions-lm"):
        plan_request(variant)


def test_naming_a_task_leaves_the_sweep_out(package: str) -> None:
    request = Request(
        profile="standard",
        data_dir=Path("somewhere"),
        tasks=("movies",),
        methods=("words", "words"),
        seeds=4,
        packages=(package,),
    )
    trials, _ = plan_request(request)
    assert [(trial.correlation, trial.seed) for trial in trials] == [(0.85, s) for s in range(4)]


def test_correlations_replace_the_tasks_own(package: str) -> None:
    request = Request(methods=("words",), seeds=1, correlations=(0.5, 0.9), packages=(package,))
    trials, _ = plan_request(request)
    assert [(trial.task, trial.correlation) for trial in trials] == [
        ("movies", 0.5),
        ("movies", 0.9),
        ("tweets", 0.5),
        ("tweets", 0.9),
    ]


def test_variants_run_where_they_are_declared(package: str) -> None:
    asked = Request(tasks=("movies",), seeds=1, variants=("short",), packages=(package,))
    assert {trial.method for trial in plan_request(asked)[0]} == {
        "words",
        "broken",
        "choosy",
        "unsure",
    }
    assert {trial.variant for trial in plan_request(asked)[0]} == {"short"}


def test_the_paper_profile_runs_all_variants(package: str) -> None:
    request = Request(
        profile="paper", data_dir=Path("d"), tasks=("movies",), seeds=1, packages=(package,)
    )
    variants = [trial.variant for trial in plan_request(request)[0] if trial.method == "words"]
    assert variants == ["default", "short"]


def test_other_genres_are_a_task_of_their_own(package: str) -> None:
    request = Request(
        tasks=("movies",),
        options={"movies": {"genres": ("Comedy", "Drama")}},
        packages=(package,),
    )
    assert {trial.task for trial in plan_request(request)[0]} == {"movies-comedy-drama"}


def test_no_methods_are_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    package = write_package(tmp_path, "no_methods_here")
    with pytest.raises(UserError, match="no method was found in no_methods_here"):
        plan_request(Request(packages=(package,)))

"""Controls run in every profile, and enter no claim without being meant."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data import tasks
from data.claims import claims
from harness.runs import discovery, profiles
from harness.runs.request import Request, plan_request
from harness.system.progress import silent

CONTROLS = (
    *("readout", "readout-finetuned", "tfidf", "leace-random-r", "leace-pca-r"),
    *("random-masks", "complement"),
)


@pytest.mark.parametrize("profile", profiles.PROFILES, ids=lambda profile: profile.name)
def test_controls_run_in_every_profile(profile: profiles.Profile) -> None:
    trials = plan_request(Request(profile=profile.name, data_dir=Path("somewhere")))[0]
    aspects = [name for name in profile.tasks if tasks.find(name).kind == "aspects"]
    for name in CONTROLS:
        method = discovery.load(name)
        assert method.control
        planned = [trial for trial in trials if trial.method == name]
        variants = {trial.variant for trial in planned}
        if profile.others and name not in profile.others:
            assert planned == []
            continue
        if profile.name in ("smoke", "quick"):
            assert [(t.task, t.variant, t.seed) for t in planned] == [("movies", "default", 0)]
            continue
        expected = {"default", *(method.variants if profile.control_variants else ())}
        assert variants == expected
        runs = Counter((trial.task, trial.variant, trial.correlation) for trial in planned)
        wanted = {(t, v, 0.85): profile.seeds_of(t, name) for t in aspects for v in variants}
        assert runs == wanted


def test_a_control_is_a_rival_only_where_a_claim_is_about_it() -> None:
    comparisons = [
        comparison for claim in claims() for part in claim.parts for comparison in part.comparisons
    ]
    roles = {
        name: discovery.load(name.partition(":")[0]).control
        for comparison in comparisons
        for name in (*comparison.of, *comparison.against)
    }
    assert {name for name, control in roles.items() if control} == {"readout"}
    for comparison in comparisons:
        assert not any(roles[name] for name in comparison.of)
        if "readout" in comparison.against:
            # Nobody else, and a margin of ours: the papers know no such rival.
            assert comparison.against == ("readout",)
            assert comparison.set_by == "ours"


MADE = [c for c in map(discovery.load, CONTROLS) if c.made_from is not None]


@pytest.mark.parametrize("control", MADE, ids=lambda control: control.name)
def test_what_a_control_changes_is_a_fit_with_its_own_settings(control: type[Any]) -> None:
    source = discovery.load(control.made_from)
    assert issubclass(control, source)
    for profile in profiles.PROFILES:
        settings = (each.settings_for("default", profile.name) for each in (control, source))
        assert len({repr(each) for each in settings}) == 1


@pytest.mark.usefixtures("in_float32")
@pytest.mark.parametrize("control", MADE, ids=lambda control: control.name)
def test_a_control_made_of_a_fit_is_the_one_that_learns_for_itself(
    control: type[Any], toy_task: Callable[..., Any], backbone: Any, tmp_path: Path
) -> None:
    task, settings = toy_task(8), control.Settings(steps=3, batch_texts=8, layers=2)
    source = discovery.load(control.made_from)
    source(settings).fit(task, backbone, seed=5, progress=silent).save(tmp_path)
    fit, plain = (source().load(tmp_path, backbone) for _ in range(2))
    made = control(settings).made_of(fit, task, seed=5)
    alone = control(settings).fit(task, backbone, seed=5, progress=silent)
    for aspect in ("colour", "animal"):
        encoded = made.encode(task.valid.texts, aspect)
        np.testing.assert_array_equal(encoded, alone.encode(task.valid.texts, aspect))
        unchanged = plain.encode(task.valid.texts, aspect)
        assert encoded.shape != unchanged.shape or np.abs(encoded - unchanged).max() > 1e-4
    assert made.trainable_parameters == alone.trainable_parameters

"""Controls run in every profile, and enter no claim without being meant."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from data import tasks
from data.claims import claims
from harness.runs import discovery, profiles
from harness.runs.request import Request, plan_request

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

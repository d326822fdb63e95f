"""Leakage against the correlation of the training rows (rho .5, .7, .85, .95)."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.conftest import Suite
from harness.analysis.metrics import file_name


def test_the_sweep_is_drawn_over_all_its_correlations(suite: Suite, outputs: list[Path]) -> None:
    profile = suite.trial_inputs.profile
    asked = {t.correlation for t in suite.trials if t.task == profile.sweep_task}
    if len(asked) < 2:
        pytest.skip(f"the profile {profile.name} has no sweep, or tasks were named")
    measured = suite.measured()
    backbone = suite.trials[0].backbone
    there = {
        condition.correlation
        for condition in measured.conditions
        if condition.task == profile.sweep_task and condition.backbone == backbone
    }
    assert asked <= there
    name = file_name(f"{profile.sweep_task}-{backbone}-leakage-correlation")
    drawn = (suite.figures / f"{name}.svg").read_text(encoding="utf-8")
    for method in profile.sweep_methods or {trial.method for trial in suite.trials}:
        assert method in drawn

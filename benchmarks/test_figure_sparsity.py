"""Target accuracy and leakage over final sparsity (claim C2 of Zhang et al. 2021).

Masks with magnitude pruning, and as controls masks alone (sparsity 0) and pruning alone.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.conftest import Suite, done
from harness.analysis.metrics import MethodVariant
from harness.outputs.figures.families import families

METHOD = "masked-weights"


def test_sparse_subnetworks_stand_beside_their_controls(suite: Suite, outputs: list[Path]) -> None:
    asked = {t.variant for t in suite.trials if t.method == METHOD and "sparsity" in t.variant}
    if not asked:
        pytest.skip(f"the profile {suite.profile} has no studies, or tasks were named")
    measured = suite.measured()
    (condition,) = (s for s in measured.main_conditions if s.task == suite.trials[0].task)
    for variant in asked:
        assert done(measured, condition, MethodVariant(METHOD, variant)), variant
    found = families(measured, condition, measured.variants(condition)[METHOD])["sparsity"]
    stems = {family.stem: family for family in found}
    assert {"sparsity", "pruned", "deep-sparsity"} == set(stems)
    assert stems["sparsity"].members[0] == (0.0, MethodVariant(METHOD))
    drawn = (suite.figures / f"{condition.slug}-{METHOD}-sparsity.svg").read_text(encoding="utf-8")
    for stem in stems:
        assert stem in drawn

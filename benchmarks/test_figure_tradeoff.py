"""Target accuracy against leakage, and the worst group against leakage: one point a method."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.conftest import Suite, done
from harness.outputs.figures import write_figures


def test_figures(benchmark: Any, suite: Suite, outputs: list[Path]) -> None:
    written = benchmark.pedantic(
        lambda: write_figures(suite.results, suite.profile), rounds=1, iterations=1
    )
    assert written


@pytest.mark.parametrize("kind", ["target-leakage", "worst-group-leakage"])
def test_every_task_has_its_figure_and_every_method_a_point(
    kind: str, suite: Suite, outputs: list[Path]
) -> None:
    measured = suite.measured()
    for condition in measured.main_conditions:
        drawn = (suite.figures / f"{condition.slug}-{kind}.svg").read_text(encoding="utf-8")
        for method_variant in measured.method_variants(condition):
            if done(measured, condition, method_variant):
                assert method_variant.label in drawn

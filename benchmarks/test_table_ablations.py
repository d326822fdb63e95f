"""What matters in masks: losses, estimator, granularity, layers, maps, start (our own table)."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.conftest import Suite


def test_every_variant_stands_in_the_table_with_what_it_changes(
    suite: Suite, outputs: list[Path]
) -> None:
    studied = {(t.method, t.variant) for t in suite.trials if t.variant != "default"}
    if not studied:
        pytest.skip(f"the profile {suite.profile} has no studies, or tasks were named")
    condition = next(s for s in suite.measured().main_conditions if s.task == suite.trials[0].task)
    for method, variant in sorted(studied):
        name = f"{condition.slug}-{method}-variants.md"
        text = (suite.figures.parent / "tables" / name).read_text(encoding="utf-8")
        (row,) = (line for line in text.splitlines() if line.startswith(f"| {variant} "))
        assert "=" in row.split("|")[2], row

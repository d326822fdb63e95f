"""Density and overlap of learned masks by layer and linear map, as heat maps (our own figure)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.conftest import Suite
from harness.outputs.figures.heatmaps import stored_heatmaps


def test_masks_are_drawn_as_the_records_hold_them(suite: Suite, outputs: list[Path]) -> None:
    measured = suite.measured()
    for condition in measured.main_conditions:
        for method_variant in measured.method_variants(condition):
            shown = stored_heatmaps(measured, condition, method_variant)
            drawn = suite.figures / f"{condition.slug}-{method_variant.method}-grids.svg"
            assert drawn.exists() == bool(shown)
            for grid in shown:
                values = np.array(grid.values)
                assert ((values >= 0) & (values <= 1)).all()
                assert grid.name in drawn.read_text(encoding="utf-8")

"""The peak of memory sees what came and went, and forgets it when told."""

from pathlib import Path

import numpy as np
import pytest

from harness.system.memory import peak_bytes, reset_peak


@pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="the peak cannot be reset on this system"
)
def test_the_peak_rises_with_an_array_and_can_be_reset() -> None:
    reset_peak()
    before = peak_bytes()
    block = np.ones(25_000_000)
    del block
    held = peak_bytes()
    assert held - before > 150_000_000
    reset_peak()
    assert held - peak_bytes() > 150_000_000

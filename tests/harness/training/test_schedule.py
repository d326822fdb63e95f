"""The learning-rate schedule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.training.schedule import rate_factor


def test_rises_holds_and_falls() -> None:
    factors = [rate_factor(step, 40) for step in range(40)]
    assert factors[:4] == pytest.approx([0.25, 0.5, 0.75, 1.0])
    assert factors[4:30] == [1.0] * 26
    assert factors[30:] == pytest.approx([(40 - step) / 10 for step in range(30, 40)])


@given(st.integers(1, 500))
def test_every_step_learns_and_none_exceeds_the_rate(steps: int) -> None:
    assert all(0 < rate_factor(step, steps) <= 1 for step in range(steps))

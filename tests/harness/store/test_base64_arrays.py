"""Arrays come back as they were packed, and damage is noticed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.store.base64_arrays import (
    pack_bits,
    pack_codes,
    pack_points,
    unpack_bits,
    unpack_codes,
    unpack_points,
)


@given(st.lists(st.booleans(), max_size=70))
def test_bits_come_back(values: list[bool]) -> None:
    assert unpack_bits(pack_bits(np.array(values, dtype=bool)), len(values)).tolist() == values


@given(st.lists(st.integers(0, 2**32 - 1), max_size=40))
def test_codes_come_back(values: list[int]) -> None:
    assert unpack_codes(pack_codes(np.array(values, dtype=np.int64))).tolist() == values


def test_codes_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="below"):
        pack_codes(np.array([2**32]))


def test_points_are_stretched_to_the_square() -> None:
    points = unpack_points(pack_points(np.array([[-3.0, 7.0], [0.0, 7.0], [3.0, 7.0]])))
    assert points.tolist() == [[0, 0], [128, 0], [255, 0]]


@pytest.mark.parametrize("text", ["AA", "!!!!", "AAAA"])
def test_damaged_bits_are_noticed(text: str) -> None:
    with pytest.raises(ValueError, match=r"base64|bits"):
        unpack_bits(text, 8)


@pytest.mark.parametrize("text", ["AA==", "u9:AA==", "u2:AA==", "u1:A"])
def test_damaged_codes_are_noticed(text: str) -> None:
    with pytest.raises(ValueError, match=r"width|odd|base64"):
        unpack_codes(text)

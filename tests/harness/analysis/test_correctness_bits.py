"""Moments from packed bits are those of the rows."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from harness.analysis.correctness_bits import RowBits, words_of
from harness.store.base64_arrays import check_bits, pack_bits


@given(
    number=st.integers(0, 10**6),
    method_variants=st.integers(1, 4),
    weights=st.lists(st.sampled_from([1.0, -1.0, 0.5, 1 / 3, -0.25]), min_size=1, max_size=4),
    rows=st.lists(st.integers(1, 200), min_size=1, max_size=4),
    level=st.floats(0, 1),
)
def test_moments_are_those_of_unpacked_rows(number, method_variants, weights, rows, level):
    rng = np.random.default_rng(number)
    told = [[[rng.random(n) < 0.7 for n in rows] for _ in weights] for _ in range(method_variants)]
    words = [
        [words_of([check_bits(pack_bits(t), len(t)) for t in seeds], rows) for seeds in of_measures]
        for of_measures in told
    ]
    bits = RowBits(np.stack([np.stack(w) for w in words]), np.array(rows), np.array(weights))
    summed = [
        [sum(w * t[seed] for w, t in zip(weights, of, strict=True)) for seed in range(len(rows))]
        for of in told
    ]
    last = method_variants - 1
    for found, expected in (
        (bits.against(level), [[s - level for s in of] for of in summed]),
        (
            bits.differences(last),
            [[a - b for a, b in zip(summed[last], of, strict=True)] for of in summed],
        ),
    ):
        for i, seeds in enumerate(expected):
            np.testing.assert_allclose(found.means[i], [s.mean() for s in seeds], atol=1e-12)
            np.testing.assert_allclose(found.variances[i], [s.var() for s in seeds], atol=1e-12)
            assert found.reach[i] >= max(np.abs(s - s.mean()).max() for s in seeds) - 1e-12


def test_bits_behind_the_last_row_do_not_count():
    words = words_of([b"\xff\xff", b"\xff"], [9, 8])
    assert np.bitwise_count(words).sum(axis=1).tolist() == [9, 8]
    assert words_of([], []).shape[0] == 0

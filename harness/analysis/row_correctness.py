"""Which evaluation rows the probes of stored trials classified correctly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from harness.analysis.correctness_bits import Words, words_of
from harness.analysis.metrics import Compared, MetricKey
from harness.analysis.statistics import FloatArray
from harness.store.base64_arrays import check_bits
from harness.store.records import Record

PER_ROW = frozenset({"target_accuracy", "leakage", "average_accuracy"})
"""Metrics that are means over evaluation rows, so that rows can be paired between methods."""


class Kept(NamedTuple):
    """A seed whose rows are kept, and which rows these are."""

    seed: int
    cells: str
    rows: int


def rows_of(record: Record, metric: Compared) -> FloatArray | None:
    """float [rows]: each evaluation row's share in the metric; None where it was not kept."""
    if record.status != "done" or not metric.over_rows:
        return None
    right: list[FloatArray] = []
    for key in metric.metric_keys:
        names = (key.representation, key.factor, key.probe)
        if key.metric not in PER_ROW or "/".join(names) not in record.right:
            return None
        right.append(record.correct_rows(*names).astype(np.float64))
    return metric.value(right) if right else None


def kept_words(trials: Mapping[int, Record], key: MetricKey) -> tuple[tuple[Kept, ...], Words]:
    """Of a method's trials by seed: those with kept rows, and uint64 [seeds, words] their bits.

    A metric that is no mean over rows has none.
    """
    name = "/".join(key[1:])
    there = [
        (seed, record)
        for seed, record in sorted(trials.items())
        if key.metric in PER_ROW and record.status == "done" and name in record.right
    ]
    kept = tuple(Kept(seed, record.cells, record.rows) for seed, record in there)
    packed = [check_bits(record.right[name], record.rows) for _, record in there]
    return kept, words_of(packed, [k.rows for k in kept])

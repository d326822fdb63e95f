"""What the probes of stored trials did on each evaluation row, or on each minimal pair.

A metric is a mean over units: evaluation rows in their cells, or minimal pairs by the factor that
is flipped.
"""

import numpy as np

from harness.analysis.metrics import PER_PAIR, Compared, MetricKey
from harness.analysis.statistics import FloatArray
from harness.store.base64_arrays import unpack_bits
from harness.store.records import Record


def keeps_rows(record: Record | None, metric: Compared) -> bool:
    """Whether a trial tells which rows, or pairs, make up the metric."""
    if record is None or record.status != "done":
        return False
    if metric.of_pairs:
        asked = {key.representation for key in metric.metric_keys}
        return record.pairs is not None and asked <= record.pairs.held.keys()
    return bool(metric.row_names) and metric.row_names <= record.right.keys()


def cells_of(record: Record, metric: Compared) -> str:
    """The packed cells of the units that the metric is made of."""
    return record.pairs.flipped if record.pairs and metric.of_pairs else record.cells


def key_rows(record: Record, key: MetricKey) -> FloatArray:
    """float [units], whose mean is the number behind a key; KeyError where it was not kept.

    Pairs in which another factor is flipped are 0, and the rest weighs as much more.
    """
    if key.metric not in PER_PAIR or record.pairs is None:
        return record.correct_rows(*key[1:]).astype(np.float64)
    flips = record.pairs.flips()
    asked = flips == list(record.classes).index(key.factor)
    held = unpack_bits(record.pairs.held[key.representation], len(flips))
    return np.asarray((held & asked) / max(float(asked.mean()), 1 / len(flips)))

"""Which evaluation rows the probes of stored trials classified correctly."""

from __future__ import annotations

import numpy as np

from harness.analysis.metrics import Compared
from harness.analysis.statistics import FloatArray
from harness.store.records import Record


def keeps_rows(record: Record | None, metric: Compared) -> bool:
    """Whether a trial tells which rows make up the metric."""
    if record is None or record.status != "done":
        return False
    return bool(metric.row_names) and metric.row_names <= record.right.keys()


def rows_of(record: Record | None, metric: Compared) -> FloatArray | None:
    """float [rows]: each evaluation row's share in the metric; None where it was not kept."""
    if record is None or not keeps_rows(record, metric):
        return None
    right = [record.correct_rows(*key[1:]).astype(np.float64) for key in metric.metric_keys]
    return np.asarray(metric.value(right))

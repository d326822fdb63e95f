"""What a representation tells of its own aspect beyond the classes."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from data.rows import IntArray, Rows
from harness.evaluation.retention.centring import Floats, Vectors
from harness.evaluation.retention.ridge import CrossRidge

FEWEST = 20
"""Groups of a class that must differ from its most frequent value for a column to count there."""


def detail(vectors: Vectors, rows: Rows, aspect: str, folds: IntArray) -> Mapping[str, float]:
    """How well the detail columns of an aspect are told within its classes, each from 0.5 to 1.

    For each class of the aspect a cross-fitted ridge regression, with the cells as known, predicts
    the column. The value is the area under the ROC curve, generalised to grades: the share of pairs
    of rows of one cell and one fold, with different values, that the prediction has in the right
    order. Comparing within cells keeps the labels from earning anything, and within folds keeps a
    constant prediction at 0.5. Columns that hardly vary are missing.
    """
    columns = {name: d.values for name, d in rows.details.items() if d.aspect == aspect}
    if not columns:
        return {}
    right, pairs = dict.fromkeys(columns, 0.0), dict.fromkeys(columns, 0.0)
    labels = rows.labels[aspect]
    for code in np.unique(labels):
        alike: dict[bytes, list[str]] = {}
        for name, values in columns.items():
            known = (labels == code) & np.isfinite(values)
            if _varies(values[known], rows.groups[known]):
                alike.setdefault(known.tobytes(), []).append(name)
        for mask, names in alike.items():
            picked = np.flatnonzero(np.frombuffer(mask, dtype=np.bool_))
            blocks = rows.cells[picked] * (folds.max() + 1) + folds[picked]
            ridge = CrossRidge(vectors[picked], rows.cells[picked], folds[picked])
            for name in names:
                values = columns[name][picked]
                _, told = ridge.predict(values[:, None])
                for block in np.unique(blocks):
                    here = blocks == block
                    ordered, compared = concordance(values[here], told[here, 0])
                    right[name] += ordered
                    pairs[name] += compared
    return {name: right[name] / pairs[name] for name in columns if pairs[name]}


def concordance(values: Floats, predictions: Floats) -> tuple[float, float]:
    """Pairs of different values that predictions order alike, ties as half, and all such pairs."""
    higher = values[:, None] > values
    ahead = np.sign(predictions[:, None] - predictions)[higher]
    return float((ahead + 1).sum() / 2), float(higher.sum())


def _varies(values: NDArray[np.float64], groups: IntArray) -> bool:
    found, counts = np.unique(values, return_counts=True)
    return bool(len(found)) and len(set(groups[values != found[counts.argmax()]])) >= FEWEST

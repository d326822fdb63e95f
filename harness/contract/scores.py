"""One measured number, and the order of the columns that name it."""

import msgspec

COLUMNS = (
    "task",
    "correlation",
    "backbone",
    "method",
    "variant",
    "seed",
    "representation",
    "factor",
    "probe",
    "metric",
    "value",
)
"""Columns of scores.csv."""

COST_METRICS = frozenset(
    {"fit_seconds", "encode_texts_per_second", "evaluate_seconds", "peak_memory_bytes"}
)
"""Metrics that differ between two equal runs: the timing rows."""


LOW_RANK = 2.0
"""Effective rank below which a representation is nearly one number."""

LOW_NEIGHBOURS = 5.0
"""Times chance: where fewer neighbours are kept, hardly any are."""


def few_neighbours(chance: float) -> float:
    """The share of neighbours below which hardly any are kept.

    `LOW_NEIGHBOURS` times chance, and among few rows at most halfway from chance to all.
    """
    return min(LOW_NEIGHBOURS * chance, (1 + chance) / 2)


class Score(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """One number of a trial.

    `representation` is the aspect a representation was made for and `factor` the aspect, or the
    column, that was measured on it; both are empty for figures of the whole trial. `probe` is a
    family of probes, strongest, classifier or empty.
    """

    metric: str
    value: float
    representation: str = ""
    factor: str = ""
    probe: str = ""

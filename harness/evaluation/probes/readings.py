"""All that probes read from one representation: by every family, by the strongest, and in bits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from data.rows import IntArray, Rows
from harness.evaluation.probes.cross_fit import ProbeResult, cross_fit_all, strongest
from harness.evaluation.probes.family import Family, Fold
from harness.evaluation.probes.features import ProbeInput
from harness.evaluation.probes.online_code import CODERS, online_code_bits

STRONGEST = "strongest"
"""The name of what is derived from all families; see `strongest`."""


@dataclass(frozen=True)
class FactorReading:
    """What is read of one factor.

    `results` by family, and behind them that of the `strongest`; `code_bits` a row that it takes to
    send the labels, by family, for those that code.
    """

    results: Mapping[str, ProbeResult]
    code_bits: Mapping[str, float]


def read_factors(
    given: ProbeInput,
    rows: Rows,
    folds: Sequence[Fold],
    *,
    families: Sequence[Family],
    threads: int = 1,
    read: Callable[[], None] = lambda: None,
) -> dict[str, FactorReading]:
    """What every family reads of every aspect of the rows, which the representation is of.

    `threads` fits may run at a time, on which no result depends; `read` is called when a family is
    done.
    """
    results: dict[str, dict[str, ProbeResult]] = {name: {} for name in rows.labels}
    bits: dict[str, dict[str, float]] = {name: {} for name in rows.labels}
    for family in families:
        for factor, result in cross_fit_all(
            family, given, rows.labels, folds, threads=threads
        ).items():
            results[factor][family.name] = result
        if family.name in CODERS:
            classes = [len(aspect.classes) for aspect in rows.aspects]
            sent = online_code_bits(
                family, given, rows.labels, rows.groups, classes=classes, threads=threads
            )
            for factor, length in sent.items():
                bits[factor][family.name] = length
        read()
    return {
        factor: FactorReading(
            {**own, STRONGEST: strongest(list(own.values()), folds)}, bits[factor]
        )
        for factor, own in results.items()
    }


def chance_level(labels: IntArray) -> float:
    """Share of the most frequent class: what is right without a representation."""
    return float(np.bincount(labels).max() / len(labels))

"""Representations as probes see them: checked, without dead units, standardised."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.evaluation.probes.family import Family, Features

DEAD = 1e-6
"""A unit whose deviation is below this times the median of the deviations is noise of rounding.

Standardised it would count as any other: three such units of MiniLM made LEACE read .80, not .65.
"""


def checked(features: NDArray[np.floating], rows: int) -> Features:
    """The representation float32 [rows, width] itself, once it is known to be one.

    ValueError for another shape or type, or a value that is not finite.
    """
    if features.ndim != 2 or features.shape[0] != rows or features.shape[1] == 0:
        raise ValueError(f"a representation of {rows} texts has shape {features.shape}")
    if features.dtype != np.float32:
        raise ValueError(f"a representation must be float32, not {features.dtype}")
    if not np.isfinite(features).all():
        bad = int((~np.isfinite(features).all(axis=1)).sum())
        raise ValueError(f"a representation is not finite for {bad} of {rows} texts")
    return features


def standardisation(features: Features) -> tuple[NDArray[np.bool_], Features, Features]:
    """Which units are alive, and the means and deviations of these.

    The median is of the deviations that are not 0. Of a representation that is constant one unit
    is alive, with a deviation of 1: standardised it is 0 throughout.
    """
    values = features.astype(np.float64)
    mean, deviation = values.mean(axis=0), values.std(axis=0)
    # A constant column of float32 has a deviation of rounding only.
    moving = deviation > 1e-7 * np.abs(mean)
    if not moving.any():
        alive = np.zeros(len(mean), dtype=np.bool_)
        alive[0] = True
        return alive, features[:1, :1].mean(axis=0), np.ones(1, dtype=np.float32)
    alive = moving & (deviation >= DEAD * np.median(deviation[moving]))
    return alive, mean[alive].astype(np.float32), deviation[alive].astype(np.float32)


@dataclass(frozen=True)
class ProbeInput:
    """A representation ready for probes.

    Attributes
    ----------
    features : float32 [n, alive units], mean 0 and deviation 1. Means and deviations are of all
        rows: no label takes part in them, and so one Gram matrix serves every fold.
    seed : of everything that probes draw.
    dropped : units that were dead.
    """

    features: Features
    seed: int
    dropped: int
    _prepared: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, features: NDArray[np.floating], rows: int, *, seed: int) -> ProbeInput:
        """The representation float32 [rows, width], standardised; ValueError as for `checked`."""
        found = checked(features, rows)
        alive, mean, deviation = standardisation(found)
        # Twice in float32: a large common offset leaves a rounded mean behind.
        scaled = (found[:, alive] - mean) / deviation
        scaled -= scaled.mean(axis=0, dtype=np.float64).astype(np.float32)
        return cls(np.ascontiguousarray(scaled), seed, int((~alive).sum()))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a record says of it."""
        if not self.dropped:
            return ()
        units = self.dropped + self.features.shape[1]
        return (f"{self.dropped} of {units} units hardly vary and are left out by probes",)

    def prepared(self, family: Family) -> Any:
        """What the family's fits share, made once."""
        if family.name not in self._prepared:
            self._prepared[family.name] = family.prepare(self.features, seed=self.seed)
        return self._prepared[family.name]

"""A trial, the unit that runs, is stored and is resumed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trial:
    """What names a trial in tables: the first six columns of scores.csv."""

    task: str
    correlation: float
    backbone: str
    method: str
    variant: str
    seed: int

    def __str__(self) -> str:
        variant = "" if self.variant == "default" else f" {self.variant}"
        return f"{self.task} {self.correlation:g} {self.method}{variant} seed {self.seed}"


def names_of(trial: Trial) -> tuple[str, float, str, str, str, int]:
    """All that names a trial, in the order of the columns of scores.csv, to sort by."""
    return (
        trial.task,
        trial.correlation,
        trial.backbone,
        trial.method,
        trial.variant,
        trial.seed,
    )

"""The stored fits of one method."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

from data.errors import UserError
from harness.contract.scores import few_neighbours
from harness.system.storage import write_atomically


@dataclass(frozen=True)
class Fit:
    """What one choice of settings under one seed is worth on held-out rows.

    Attributes
    ----------
    settings : those of the search space, as JSON.
    target, leakage : accuracies of the tuned linear probe, means over the representations.
    chance : of leakage.
    neighbours_kept, effective_rank : of the representation that keeps least.
    neighbours_chance : what unrelated vectors keep.
    precision : the type in which the encoder computed; older files do not say it.
    """

    settings: str
    seed: int
    target: float
    leakage: float
    chance: float
    neighbours_kept: float
    neighbours_chance: float
    effective_rank: float
    fit_seconds: float
    precision: str = "unknown"

    @property
    def distance(self) -> float:
        """To the optimum: full target accuracy, leakage at chance (Han et al. 2022)."""
        return float(((1 - self.target) ** 2 + (self.leakage - self.chance) ** 2) ** 0.5)

    @property
    def keeps(self) -> bool:
        """Whether enough neighbours are kept for the representation to be more than a score."""
        return self.neighbours_kept >= few_neighbours(self.neighbours_chance)


_COLUMNS = [field.name for field in fields(Fit)]


def named(settings: Mapping[str, Any]) -> str:
    """Settings as one text: equal ones have equal texts."""
    return json.dumps(settings, sort_keys=True)


def read_fits(path: Path) -> list[Fit]:
    """The fits in a file, none where there is no file; UserError where it is no such table."""
    import pandas as pd

    if not path.exists():
        return []
    try:
        frame = pd.read_csv(path)
        if "precision" not in frame:
            frame["precision"] = Fit.precision
        frame = frame.astype({field.name: field.type for field in fields(Fit)})
        return [Fit(*row) for row in frame[_COLUMNS].itertuples(index=False, name=None)]
    except (KeyError, ValueError, TypeError) as error:
        message = f"{path} is no table of tried settings; remove it to start again"
        raise UserError(message) from error


def write_fits(path: Path, fits: Sequence[Fit]) -> None:
    """All of them, in the order in which they were tried."""
    import pandas as pd

    frame = pd.DataFrame(map(astuple, fits), columns=_COLUMNS)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, frame.to_csv(index=False, float_format="%.4f", lineterminator="\n"))

"""The stored fits of methods, and the settings and the file of defaults that follow from them."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from statistics import fmean
from typing import Any

from data.errors import UserError
from harness.contract.scores import few_neighbours
from harness.contract.tuned import TUNED_FILE
from harness.system.storage import write_atomically

REFINED = 2
"""Settings that are tried under more seeds."""

SEEDS = 3

HEAD = """# Settings that `python -m harness tune --choose` has taken from the stored fits.
# It is written by that command alone.
"""


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


def as_text(settings: Mapping[str, Any]) -> str:
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


@dataclass(frozen=True)
class Candidate:
    """One choice of settings, over the seeds under which it was tried."""

    settings: str
    fits: tuple[Fit, ...]

    @property
    def distance(self) -> float:
        """Mean over seeds; less is better."""
        return fmean(fit.distance for fit in self.fits)

    @property
    def keeps(self) -> bool:
        """Whether it keeps enough under every seed."""
        return all(fit.keeps for fit in self.fits)


def candidates(fits: Sequence[Fit]) -> list[Candidate]:
    """The settings that were tried, the best first: those that keep enough, then by distance."""
    by_settings: dict[str, list[Fit]] = defaultdict(list)
    for fit in fits:
        by_settings[fit.settings].append(fit)
    found = [Candidate(name, tuple(own)) for name, own in by_settings.items()]
    return sorted(found, key=lambda each: (not each.keeps, each.distance))


def drawn(fits: Sequence[Fit]) -> list[Candidate]:
    """The settings under the first seed alone, under which all are tried, as `candidates` orders.

    `to_refine` takes from these what keeps enough, so that only here can rules be compared.
    """
    return candidates([fit for fit in fits if fit.seed == 0])


def to_refine(fits: Sequence[Fit]) -> list[dict[str, Any]]:
    """The settings that get more seeds: the best two under the first seed."""
    return [json.loads(each.settings) for each in drawn(fits)[:REFINED]]


def chosen(fits: Sequence[Fit]) -> Candidate:
    """The best of the settings that were tried under all seeds; UserError where there are none."""
    whole = [each for each in candidates(fits) if len(each.fits) >= SEEDS]
    if not whole:
        raise UserError("tuning is not finished; run `python -m harness tune` again to go on")
    return whole[0]


def stored_fits(folder: Path) -> dict[str, list[Fit]]:
    """Method to its fits, of all files in the folder of one task."""
    return {path.stem: read_fits(path) for path in sorted(folder.glob("*.csv"))}


def write_defaults(fits: Mapping[str, Sequence[Fit]], path: Path = TUNED_FILE) -> None:
    """Make the settings that follow from the fits the defaults of their methods.

    UserError where there is none, a method is not finished, or methods had different numbers of
    fits.
    """
    if not fits:
        raise UserError("there are no fits to choose from; run `python -m harness tune` first")
    counts = {method: len(own) for method, own in fits.items()}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{method} {count}" for method, count in counts.items())
        raise UserError(f"methods had different numbers of fits ({told}); finish the tuning first")
    lines = [HEAD]
    for method, own in sorted(fits.items()):
        settings = json.loads(chosen(own).settings)
        lines += [f'["{method}"]', *(f"{n} = {json.dumps(v)}" for n, v in settings.items()), ""]
    write_atomically(path, "\n".join(lines))

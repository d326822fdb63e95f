"""Which settings follow from the fits, and the file of defaults that is made of them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from data.errors import UserError
from harness.contract.tuned import TUNED_FILE
from harness.runs.tuning.table import Fit, read_fits
from harness.system.storage import write_atomically

REFINED = 2
"""Settings that are tried under more seeds."""

SEEDS = 3

HEAD = """# Settings that `python -m harness tune --choose` has taken from the stored fits.
# It is written by that command alone.
"""


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


def to_refine(fits: Sequence[Fit]) -> list[dict[str, Any]]:
    """The settings that get more seeds: the best two under the first seed."""
    first = [fit for fit in fits if fit.seed == 0]
    return [json.loads(each.settings) for each in candidates(first)[:REFINED]]


def chosen(fits: Sequence[Fit], *, keeping: bool = True) -> Candidate:
    """The best of the settings that were tried under all seeds.

    `keeping`: prefer what keeps at least five times chance of the neighbours; otherwise distance
    alone decides. UserError where no settings were tried under all seeds.
    """
    whole = [each for each in candidates(fits) if len(each.fits) >= SEEDS]
    if not whole:
        raise UserError("tuning is not finished; run `python -m harness tune` again to go on")
    return whole[0] if keeping else min(whole, key=lambda each: each.distance)


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

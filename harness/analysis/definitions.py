"""What each metric of a task with aspects means: direction, bounds, what guessing gives, source.

The list stands in definitions.toml; `results/<profile>/metrics.csv` and `docs/metrics.md` follow
from it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, nan
from pathlib import Path

SHARES = (25, 50)
"""Percentages of the rows that the linear probe is fitted on too, for the learning curve."""


@dataclass(frozen=True)
class Definition:
    """What a metric is.

    Attributes
    ----------
    metric : its name in scores.csv.
    title : its name for readers.
    meaning : how it is measured.
    better : `higher` or `lower` for a representation's own aspect and for figures of the whole
        trial; empty where neither is better.
    of_others : the better direction where another aspect is read, if it is another one.
    low, high : bounds.
    chance : what a representation that tells nothing gives; nan where records say it, or nobody.
    source : paper; empty where it is the suite's own.
    """

    metric: str
    title: str
    meaning: str
    better: str = ""
    of_others: str = ""
    low: float = 0.0
    high: float = inf
    chance: float = nan
    source: str = ""


def _read(path: Path) -> dict[str, tuple[Definition, ...]]:
    parts = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        title: tuple(
            Definition(**{**entry, "meaning": " ".join(entry["meaning"].split())})
            for entry in entries
        )
        for title, entries in parts.items()
    }


PARTS: Mapping[str, tuple[Definition, ...]] = _read(Path(__file__).with_suffix(".toml"))
"""Parts of the documentation by their titles, with their metrics."""

OWN = "What methods say of themselves"
"""The part of what methods measure of their training; it stands in tables `*-own-scores`."""

DEFINITIONS: Mapping[str, Definition] = {
    each.metric: each for title, part in PARTS.items() if title != OWN for each in part
}
"""Every metric of a task with aspects by its name, in the order of the documentation."""

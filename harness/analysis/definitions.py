"""What each metric of a task with aspects means: direction, bounds, what guessing gives, source.

The list stands in definitions.toml; `results/<profile>/metrics.csv` and `docs/metrics.md` follow
from it.
"""

from __future__ import annotations

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

OWN_SCORES = (
    Definition(
        "adversary_accuracy", "adversary accuracy", "", "Accuracy of a method's own adversaries at "
        "the end of training: on validation rows, mean over their cells. Fresh probes tell the "
        "leakage beside it.", "Elazar and Goldberg 2018", high=1.0,
    ),
    Definition(
        "continued_adversary_accuracy", "continued adversary accuracy", "", "The same once they "
        "have learned on from an encoder that has stopped.", "Elazar and Goldberg 2018", high=1.0,
    ),
    Definition(
        "last_step", "last step", "", "The step with which a training ended; the rule for stopping "
        "may end it early.",
    ),
)  # fmt: skip
"""What methods measure of their training; it stands in their own tables, `*-own-scores`."""

DEFINITIONS: Mapping[str, Definition] = {
    each.metric: each for part in PARTS.values() for each in part
}
"""Every metric of a task with aspects by its name, in the order of the documentation."""

"""The claims of the two papers as data: what is compared with what, and by how much."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any

from data.errors import UserError

PATH = Path(__file__).parent / "claims.toml"

NEEDS = ("every", "most", "some")
BETTER = ("higher", "lower")


@dataclass(frozen=True)
class Comparison:
    """Contenders against rivals in one number.

    Attributes
    ----------
    of : the contenders, each `method` or `method:variant`.
    metric : as in scores.csv, or `gap`, target accuracy less leakage.
    better : `higher` or `lower`, the direction in which effects count.
    at_least : the effect that the claim asks for; below zero, how much worse is still as good.
    tasks : entries that count as one piece of evidence each, with the tasks that may stand for it.
    against : the rivals; empty where the contenders are held against `value`.
    value, value_of : a number that is known from elsewhere, and what it is.
    probe : whose accuracy it is; empty for metrics without one.
    apart : whether each entry of `tasks` is a comparison of its own.
    """

    of: tuple[str, ...]
    metric: str
    better: str
    at_least: float
    tasks: tuple[tuple[str, ...], ...]
    against: tuple[str, ...] = ()
    value: float | None = None
    value_of: str = ""
    probe: str = ""
    apart: bool = False

    def __post_init__(self) -> None:
        if self.better not in BETTER:
            raise ValueError(f"better is {self.better!r}, not one of {', '.join(BETTER)}")
        if (self.value is None) != bool(self.against):
            raise ValueError("a comparison is held either against rivals or against a value")
        if (self.value is None) != (not self.value_of):
            raise ValueError("a value needs value_of, which says what it is")
        if not (self.of and self.metric and self.tasks and all(self.tasks)):
            raise ValueError("a comparison needs contenders, a metric and tasks")
        if not isfinite(self.at_least):
            raise ValueError(f"at_least is {self.at_least}")


@dataclass(frozen=True)
class Part:
    """Comparisons of which `every`, `most` (more than half) or `some` must hold."""

    says: str
    needs: str
    comparisons: tuple[Comparison, ...]

    def __post_init__(self) -> None:
        if self.needs not in NEEDS:
            raise ValueError(f"needs is {self.needs!r}, not one of {', '.join(NEEDS)}")
        if not self.comparisons:
            raise ValueError(f"no comparison in the part {self.says!r}")


@dataclass(frozen=True)
class Claim:
    """What a paper says, in its sense though not in its words, and the parts that must all hold."""

    name: str
    source: str
    says: str
    parts: tuple[Part, ...]


@cache
def claims(path: Path = PATH) -> tuple[Claim, ...]:
    """The claims of a file, in its order.

    Raises
    ------
    UserError : it cannot be read, or says something that is no claim.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        found = tuple(_claim(entry) for entry in content["claims"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path} holds no claims that can be read ({error}); correct it") from error
    names = [claim.name for claim in found]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise UserError(f"{path} names {', '.join(repeated)} twice; rename one")
    return found


def _claim(entry: Mapping[str, Any]) -> Claim:
    parts = tuple(
        Part(part["says"], part["needs"], tuple(_comparison(c) for c in part["comparisons"]))
        for part in entry["parts"]
    )
    return Claim(entry["name"], entry["source"], entry["says"], parts)


def _comparison(entry: Mapping[str, Any]) -> Comparison:
    listed = {name: tuple(entry[name]) for name in ("of", "against") if name in entry}
    return Comparison(**{**entry, **listed, "tasks": tuple(map(tuple, entry["tasks"]))})

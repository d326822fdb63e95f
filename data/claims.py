"""The claims of the papers as data: what is compared with what, and by how much."""

import hashlib
import json
import tomllib
from datetime import date
from functools import cache
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Literal

import msgspec

from data.errors import UserError

PATH = Path(__file__).parent / "claims.toml"


class Curve(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Published numbers of another model at several rates, and what a model has at its own rate.

    `along`: the metric that is the rate. `points`: (rate, value) by rising rate.
    """

    along: str
    points: tuple[tuple[int | float, int | float], ...]

    def __post_init__(self) -> None:
        rates = [rate for rate, _ in self.points]
        if len(rates) < 2 or rates != sorted(set(rates)):
            raise ValueError("a curve needs two points or more, by rising rate")

    def at(self, rate: float) -> float | None:
        """The value at a rate, linear between points; None outside of what was published."""
        for (low, first), (high, second) in pairwise(self.points):
            if low <= rate <= high:
                return first + (second - first) * (rate - low) / (high - low)
        return None


class Comparison(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Contenders against rivals in one number, on each task by itself.

    Attributes
    ----------
    of : the contenders, each `method` or `method:variant`.
    metric : as in scores.csv, or `gap`, target accuracy less leakage; behind `spread_of_`, how far
        the seeds lie from their mean.
    better : `higher` or `lower`, the direction in which effects count.
    at_least : the effect that the claim asks for; below zero, how much worse is still as good.
    set_by : who says so: `paper` or `ours`.
    tasks : where they are compared.
    against : the rivals; empty where the contenders are held against `value`.
    value, value_of : what is known from elsewhere, a number or a curve, and what it is.
    probe : whose accuracy it is; empty for metrics without one.
    """

    of: tuple[str, ...]
    metric: str
    better: Literal["higher", "lower"]
    at_least: int | float
    set_by: Literal["paper", "ours"]
    tasks: tuple[str, ...]
    against: tuple[str, ...] = ()
    value: int | float | Curve | None = None
    value_of: str = ""
    probe: str = ""

    def __post_init__(self) -> None:
        if (self.value is None) != bool(self.against):
            raise ValueError("a comparison is held either against rivals or against a value")
        if (self.value is None) != (not self.value_of):
            raise ValueError("a value needs value_of, which says what it is")
        if not (self.of and self.metric and self.tasks and all(self.tasks)):
            raise ValueError("a comparison needs contenders, a metric and tasks")
        if not isfinite(self.at_least):
            raise ValueError(f"at_least is {self.at_least}")


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Comparisons of which `every`, `most` (more than half) or `some` must hold."""

    says: str
    needs: Literal["every", "most", "some"]
    comparisons: tuple[Comparison, ...]

    def __post_init__(self) -> None:
        if not self.comparisons:
            raise ValueError(f"no comparison in the part {self.says!r}")


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a paper says, in its sense though not in its words, and the parts that must all hold.

    `since`: the day on which the claim got its present text.
    """

    name: str
    source: str
    says: str
    since: date
    parts: tuple[Part, ...]

    @property
    def digest(self) -> str:
        """12 hexadecimal digits for all that the claim asks, so that none changes unnoticed."""
        text = json.dumps(msgspec.to_builtins(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


@cache
def claims(path: Path = PATH) -> tuple[Claim, ...]:
    """The claims of a file, in its order.

    UserError where it cannot be read, or says something that is no claim.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        found = msgspec.convert(content["claims"], tuple[Claim, ...])
    except (OSError, ValueError, KeyError) as error:
        raise UserError(f"{path} holds no claims that can be read ({error}); correct it") from error
    names = [claim.name for claim in found]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise UserError(f"{path} names {', '.join(repeated)} twice; rename one")
    return found

"""What an audit found: plain numbers with intervals, and what they say in words."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from pathlib import Path
from typing import Any

import msgspec

from data.errors import UserError
from harness.analysis.statistics import Interval
from harness.contract.scores import LOW_RANK, few_neighbours
from harness.evaluation.probes import STRONGEST
from harness.outputs.tables.cells import decimal, interval_text


@dataclass(frozen=True)
class Reading:
    """What one probe reads of one aspect from one representation.

    Attributes
    ----------
    representation : its name; with one for each aspect, the aspect that it is meant for.
    probe : a family of probes, or `strongest`: the family that inner rows choose.
    role : `target` for a representation's own aspect, `leakage` for another one's, and `reading`
        where one representation serves all aspects.
    accuracy : share of rows whose class is told, from 0 to 1.
    usable_bits : of the labels' entropy, in bits; at least 0.
    description_length : bits a row to send the labels with the probe; None for families that do
        not code.
    """

    representation: str
    aspect: str
    probe: str
    role: str
    accuracy: Interval
    usable_bits: Interval
    description_length: float | None


@dataclass(frozen=True)
class Kept:
    """What a representation keeps of the vectors that it is held against.

    Attributes
    ----------
    neighbours : mean share of each row's nearest rows that are its nearest there too.
    neighbours_chance : what unrelated vectors keep.
    recovered : share of the variance within cells that a linear map gives back; 1 is all.
    linear_cka : likeness of the geometry, from 0 to 1; a single number can score high.
    """

    neighbours: Interval
    neighbours_chance: float
    recovered: float
    linear_cka: float


@dataclass(frozen=True)
class Representation:
    """What is known of vectors, whatever they are to tell.

    Attributes
    ----------
    width : numbers in a vector.
    effective_rank : how many directions carry them.
    kept : beside the second vectors, where there are any.
    details : column to how well it is told within the classes of its aspect: the share of pairs
        in the right order, .5 for chance and 1 for all.
    """

    name: str
    width: int
    effective_rank: float
    kept: Kept | None
    details: Mapping[str, float]


@dataclass(frozen=True)
class Audit:
    """What can be read from vectors, and what they keep.

    Attributes
    ----------
    rows, used : how many there were, and how many were measured.
    groups : into how many groups the measured rows fall; intervals are clustered by them.
    balanced : whether all combinations of classes have equally many of the measured rows.
    seed : of everything that was drawn.
    classes : the classes of each aspect.
    chance : for each aspect the share of its most frequent class among the measured rows.
    readings : for each representation, aspect and probe.
    representations : in the order in which they were given.
    notes : what a reader must know to read the numbers.
    """

    rows: int
    used: int
    groups: int
    balanced: bool
    seed: int
    classes: Mapping[str, tuple[str, ...]]
    chance: Mapping[str, float]
    readings: tuple[Reading, ...]
    representations: tuple[Representation, ...]
    notes: tuple[str, ...]

    def reading(self, representation: str, aspect: str, probe: str = STRONGEST) -> Reading:
        """One of the readings; KeyError where there is none of these names."""
        for each in self.readings:
            if (each.representation, each.aspect, each.probe) == (representation, aspect, probe):
                return each
        raise KeyError((representation, aspect, probe))

    @property
    def verdicts(self) -> tuple[str, ...]:
        """What the strongest probes say, a sentence for each representation and aspect."""
        return tuple(self._verdict(each) for each in self.readings if each.probe == STRONGEST)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Which representations are nearly one number or keep hardly a neighbour."""
        found = []
        for each in self.representations:
            if each.effective_rank < LOW_RANK:
                found.append(
                    f"the {_vectors(each.name)} have effective rank {each.effective_rank:.2f}, "
                    f"below {LOW_RANK:g}: they are nearly one number"
                )
            if each.kept and each.kept.neighbours.mean < (
                least := few_neighbours(chance := each.kept.neighbours_chance)
            ):
                found.append(
                    f"the {_vectors(each.name)} keep {decimal(each.kept.neighbours.mean)} of the "
                    f"neighbours, below {decimal(least)}; chance keeps {decimal(chance)}"
                )
        return tuple(found)

    def to_json(self) -> str:
        """All of it as JSON with sorted keys; limits that are not known are null."""
        # JSON has no word for nan; this writes null.
        held = json.loads(msgspec.json.encode(self))
        held |= {"verdicts": self.verdicts, "warnings": self.warnings}
        return json.dumps(held, allow_nan=False, indent=2, sort_keys=True) + "\n"

    def _verdict(self, found: Reading) -> str:
        chance, accuracy = self.chance[found.aspect], found.accuracy
        told = accuracy.low > chance
        # Much may be known of rare classes while the frequent one remains the best guess.
        bits = f", usable bits {interval_text(found.usable_bits)}" if not told else ""
        known = told or found.usable_bits.low > 0
        whose = "its own" if found.role == "target" else f"the {found.representation}"
        return (
            f"{found.aspect} {'can' if known else 'cannot'} be read from {_vectors(whose)}: "
            f"strongest probe {interval_text(accuracy)}, chance {decimal(chance)}{bits}"
        )


def read_audit(path: Path) -> Audit:
    """What `Audit.to_json` has written; UserError where the file is not that."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"), object_hook=_with_limits)
        return msgspec.convert(content, Audit)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise UserError(
            f"{path} is no audit ({error}); `python -m harness audit --out DIR` makes one"
        ) from error


def _with_limits(found: dict[str, Any]) -> dict[str, Any]:
    """An interval with nan for the limits that were not known, or any other object as it is."""
    if found.keys() == {"mean", "low", "high"}:
        return {name: nan if value is None else value for name, value in found.items()}
    return found


def _vectors(name: str) -> str:
    return name if name.endswith("vectors") else f"{name} vectors"

"""What `list` says of methods: what each does, how much it trains, and what can be set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from data.discovery import Declared
from harness.analysis.metrics import MetricKey
from harness.analysis.scores_csv import read_scores
from harness.outputs.aligned import aligned
from harness.outputs.method_page import meanings, written
from harness.runs.profiles import PROFILES

if TYPE_CHECKING:
    from harness.contract.learner import Learner

HEADS = ("method", "trained", "what it does", "source")

UNKNOWN = "not measured yet"


def method_lines(found: Mapping[str, Declared], trained: Mapping[str, int]) -> list[str]:
    """One line a method under a line of heads, in aligned columns.

    `trained` says how many numbers each trains, as far as it is known.
    """
    rows = [HEADS]
    for name, method in found.items():
        said, _, source = method.summary.partition(" Source: ")
        number = f"{trained[name]:,}" if name in trained else UNKNOWN
        rows.append((name, number, said.rstrip(".:"), source.removesuffix(".")))
    return aligned(rows, right=(1,))


def settings_lines(loaded: type[Learner]) -> list[str]:
    """Each setting of a method with its default and its meaning, then who changes which."""
    defaults = asdict(loaded.Settings())
    if not defaults:
        return ["nothing can be set"]
    told = meanings(loaded.Settings)
    rows = [("setting", "default", "meaning")]
    rows += [(name, written(value), told.get(name, "")) for name, value in defaults.items()]
    lines = aligned(rows)
    changes = {"profile": loaded.profiles, "kind of task": loaded.kind_settings}
    for what, named in {**changes, "variant": loaded.variants}.items():
        said = [
            (name, ", ".join(f"{field}={written(value)}" for field, value in changed.items()))
            for name, changed in named.items()
        ]
        if said:
            lines += ["", *aligned([(what, "changes"), *said])]
    return lines


def trained_numbers(results: Path, backbone: str) -> dict[str, int]:
    """Method to its trainable parameters on a backbone, the most that a stored trial has.

    What is not in `results`, where the profiles' folders lie, has measured nothing. UserError where
    a stored scores.csv is damaged.
    """
    most: dict[str, int] = {}
    for profile in PROFILES:
        if not (results / profile.name / "scores.csv").exists():
            continue
        for condition, measured in read_scores(results, profile.name).items():
            for (method, variant), numbers in measured.items():
                if condition.backbone == backbone and variant == "default":
                    counts = numbers.get(MetricKey("trainable_parameters"), {}).values()
                    most[method] = max([most.get(method, 0), *map(int, counts)])
    return most

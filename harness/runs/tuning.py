"""Choosing a method's settings on the training side of a corpus, where no evaluation row stands."""

from __future__ import annotations

import csv
import dataclasses
import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data.errors import UnknownNameError, UserError
from data.rows import Splits
from data.splits import Pool, draw_splits
from harness.contract.method import Method
from harness.contract.seeds import seed_from
from harness.evaluation.probes import checked, cross_fit, group_folds
from harness.system.progress import silent
from harness.system.storage import write_atomically

if TYPE_CHECKING:
    from data.corpus import Corpus
    from data.tasks.labelled import LabelledTask
    from data.tasks.task import Task
    from harness.contract.learner import Learner
    from harness.encoders.backbones import Backbone

HELD_OUT_PER_CELL = 300
"""Rows a cell, of groups that train nothing, on which settings are compared."""

COLUMNS = ("settings", "seed", "target", "leakage", "score", "fit_seconds")


@dataclass(frozen=True)
class Tried:
    """One choice of settings under one seed.

    `target` and `leakage` are linear-probe accuracies, means over the representations; `score` is
    their difference, which is what settings are chosen by.
    """

    settings: str
    seed: int
    target: float
    leakage: float
    fit_seconds: float

    @property
    def score(self) -> float:
        """Target accuracy minus leakage."""
        return self.target - self.leakage


def grid(method_class: type[Learner], asked: Sequence[str]) -> list[dict[str, Any]]:
    """All combinations of `name=value,value` choices, typed as the method's settings are.

    Raises
    ------
    UnknownNameError : the method has no such setting.
    UserError : a choice is not of that form, or a value not of the setting's type.
    """
    defaults = dataclasses.asdict(method_class.Settings())
    choices: dict[str, list[Any]] = {}
    for choice in asked:
        name, _, values = choice.partition("=")
        if not values:
            raise UserError(f"write --setting {choice!r} as NAME=VALUE,VALUE")
        if name not in defaults:
            raise UnknownNameError("setting", name, defaults)
        kind = type(defaults[name])
        try:
            choices[name] = [kind(value) for value in values.split(",")]
        except ValueError as error:
            raise UserError(f"--setting {choice!r} must be of type {kind.__name__}") from error
    return [
        dict(zip(choices, values, strict=True)) for values in itertools.product(*choices.values())
    ]


def tunable(task: Task, method_class: type[Learner]) -> tuple[LabelledTask, type[Method]]:
    """The two; UserError where the task has no aspects, or the method does not represent them."""
    from data.tasks.labelled import LabelledTask
    from harness.contract.method import Method

    if not isinstance(task, LabelledTask):
        raise UserError(f"{task.name} has no labelled aspects; tune on one like movies")
    if not issubclass(method_class, Method):
        raise UserError(f"{method_class.name} has no representations of aspects to compare")
    return task, method_class


def training_side(task: LabelledTask, corpus: Corpus, *, correlation: float, seed: int) -> Splits:
    """A draw of the task in which the rows to compare on come from the training side too.

    UserError where the task has no training side that is the same for all seeds.
    """
    pool = task.pool(corpus)
    if (pool.training & pool.evaluation).any():
        raise UserError(
            f"the evaluation rows of {task.name!r} change with the seed, so settings tuned on it "
            "would have seen some; tune on a task with an official split, such as movies"
        )
    rows = pool.rows.take(np.flatnonzero(pool.training))
    sizes = dataclasses.replace(task.default_sizes(corpus), evaluation_per_cell=HELD_OUT_PER_CELL)
    return draw_splits(
        Pool.without_official_split(rows),
        f"{task.name}-tuning",
        correlation=correlation,
        seed=seed_from("tuning", task.name, seed),
        sizes=sizes,
    )


def tune(
    method_class: type[Method],
    combinations: Sequence[Mapping[str, Any]],
    task: LabelledTask,
    corpus: Corpus,
    backbone: Backbone,
    *,
    profile: str,
    correlation: float,
    seeds: int,
    path: Path,
) -> Iterator[Tried]:
    """Try every combination under every seed, and keep the outcomes in a file as they come.

    What the file already holds is not tried again.

    Parameters
    ----------
    combinations : fields of the method's settings that differ from the profile's.
    path : a CSV file with the columns `COLUMNS`; made where it is missing.

    Yields
    ------
    The outcomes, those from the file included, in order.
    """
    known = _read(path)
    for seed in range(seeds):
        splits = training_side(task, corpus, correlation=correlation, seed=seed)
        for changes in combinations:
            settings = dataclasses.replace(method_class.settings_for("default", profile), **changes)
            name = " ".join(f"{k}={v}" for k, v in sorted(dataclasses.asdict(settings).items()))
            if (name, seed) not in known:
                method = method_class(settings)
                known[name, seed] = _tried(method, name, splits, backbone, seed=seed)
                _write(path, list(known.values()))
            yield known[name, seed]


def _tried(method: Method, name: str, splits: Splits, backbone: Backbone, *, seed: int) -> Tried:
    from threadpoolctl import threadpool_limits

    begun = time.perf_counter()
    method = method.fit(splits.training, backbone, seed=seed, progress=silent)
    spent = time.perf_counter() - begun
    rows = splits.evaluation
    folds = group_folds(rows, seed=seed)
    target: list[float] = []
    leakage: list[float] = []
    for aspect in rows.aspects:
        features = checked(method.encode(rows.texts, aspect.name), len(rows))
        for factor in rows.aspects:
            labels = rows.labels[factor.name]
            with threadpool_limits(limits=1):
                found = cross_fit("linear", features, labels, folds, seed=seed).accuracy
            (target if factor is aspect else leakage).append(found)
    return Tried(name, seed, float(np.mean(target)), float(np.mean(leakage)), spent)


def _read(path: Path) -> dict[tuple[str, int], Tried]:
    if not path.exists():
        return {}
    numbers = ("target", "leakage", "fit_seconds")
    try:
        return {
            (row["settings"], int(row["seed"])): Tried(
                row["settings"], int(row["seed"]), *(float(row[name]) for name in numbers)
            )
            for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())
        }
    except (KeyError, ValueError, TypeError) as error:
        message = f"{path} is no table of tried settings; remove it to start again"
        raise UserError(message) from error


def _write(path: Path, rows: Sequence[Tried]) -> None:
    lines = [",".join(COLUMNS)]
    for row in rows:
        shown = f"{row.target:.4f},{row.leakage:.4f},{row.score:.4f},{row.fit_seconds:.1f}"
        lines.append(f"{row.settings},{row.seed},{shown}")
    write_atomically(path, "\n".join(lines) + "\n")

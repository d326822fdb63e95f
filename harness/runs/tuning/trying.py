"""One fit on the training side: what it is worth on rows that train nothing."""

import dataclasses
import time
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from data.corpus import Corpus
from data.errors import UserError
from data.rows import Splits
from data.splits import Pool, draw_splits
from data.tasks.labelled import LabelledTask
from data.tasks.task import Task
from harness.contract.learner import Learner
from harness.contract.method import Method
from harness.contract.seeds import seed_from
from harness.encoders.backbones import Backbone
from harness.encoders.encoding import frozen_vectors
from harness.encoders.precision import compute_dtype
from harness.evaluation import probes
from harness.evaluation.retention.neighbours import kept_of_rows, neighbours, neighbours_chance
from harness.evaluation.retention.spectrum import effective_rank
from harness.runs.trial_inputs import MAX_TOKENS
from harness.runs.tuning.fits import SEEDS, Fit, as_text, read_fits, to_refine, write_fits
from harness.runs.tuning.search import draws
from harness.system.progress import silent

HELD_OUT_PER_CELL = 300
"""Rows a cell, of groups that train nothing, on which settings are compared."""


def tunable(task: Task, method_class: type[Learner]) -> tuple[LabelledTask, type[Method]]:
    """The two; UserError where the task has no aspects, or the method does not represent them."""
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


def tuned(
    method_class: type[Method],
    defaults: Any,
    task: LabelledTask,
    corpus: Corpus,
    backbone: Backbone,
    path: Path,
    *,
    budget: int,
) -> Iterator[Fit]:
    """Fits of one method on the training side of a task, in order, kept in a file as they come.

    Under the first seed as many settings as the budget says, then the best of these under the
    others.

    Parameters
    ----------
    defaults : the settings that tried ones change.
    path : a CSV file with the columns of `Fit`; what it holds already is not tried again.

    Raises
    ------
    UserError : the file is no such table, or as `draws` and `training_side`.
    """
    known = {(fit.settings, fit.seed): fit for fit in read_fits(path)}
    drawn = draws(method_class, defaults, budget)
    for seed in range(SEEDS):
        # Drawn only where something is left to try.
        rho = task.default_correlation
        side = cache(partial(training_side, task, corpus, correlation=rho, seed=seed))
        for changes in drawn:
            key = as_text(changes), seed
            if key not in known:
                method = method_class(dataclasses.replace(defaults, **changes))
                known[key] = measured(method, key[0], side(), backbone, seed=seed)
                write_fits(path, list(known.values()))
            yield known[key]
        drawn = to_refine(read_fits(path)) if seed == 0 else drawn


def measured(method: Method, name: str, splits: Splits, backbone: Backbone, *, seed: int) -> Fit:
    """Fit a method, and measure it on the held-out rows."""
    begun = time.perf_counter()
    method = method.fit(splits.training, backbone, seed=seed, progress=silent)
    spent = time.perf_counter() - begun
    rows = splits.evaluation
    groups = np.unique(rows.groups, return_inverse=True)[1].astype(np.int64)
    limit = getattr(method.settings, "max_tokens", MAX_TOKENS)
    untuned = neighbours(frozen_vectors(backbone, rows.texts, limit), groups)
    folds = probes.group_folds(rows, seed=seed)
    found: dict[str, list[float]] = {name: [] for name in ("target", "leakage", "kept", "rank")}
    for aspect in rows.aspects:
        vectors = probes.checked(method.encode(rows.texts, aspect.name), len(rows))
        with probes.single_threaded() as threads:
            results = probes.cross_fit_all(
                probes.PROBES["linear"],
                probes.ProbeInput.of(vectors, len(rows), seed=seed),
                rows.labels,
                folds,
                threads=threads,
            )
        for factor, result in results.items():
            found["target" if factor == aspect.name else "leakage"].append(result.accuracy)
        found["kept"].append(float(kept_of_rows(untuned, neighbours(vectors, groups)).mean()))
        found["rank"].append(effective_rank(vectors))
    chance = float(np.mean([probes.chance_level(labels) for labels in rows.labels.values()]))
    return Fit(
        settings=name,
        seed=seed,
        target=float(np.mean(found["target"])),
        leakage=float(np.mean(found["leakage"])),
        chance=chance,
        neighbours_kept=min(found["kept"]),
        neighbours_chance=neighbours_chance(groups),
        effective_rank=min(found["rank"]),
        fit_seconds=spent,
        precision=str(compute_dtype()).removeprefix("torch."),
    )

"""Running trials one after the other: what is stored is left alone, what fails is recorded."""

from __future__ import annotations

import gc
import math
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data.errors import UserError
from data.tasks.task import Draw
from harness.bars import shown
from harness.cache import cache_root
from harness.evaluations import check, evaluate
from harness.learner import Learner
from harness.logs import event, warn
from harness.materials import Materials, split_seed, training_seed
from harness.memory import reset_peak
from harness.provenance import provenance
from harness.records import SCHEMA, Record, key_of, read_record, record_path, write_record
from harness.scores import Score
from harness.storage import check_writable
from harness.trials import Trial

TRACE_LINES = 12


@dataclass(frozen=True)
class Outcome:
    """What became of a run.

    Attributes
    ----------
    stored : trials that were found done or skipped.
    done, skipped, failed : trials that ran now; for the last two with the reason.
    """

    stored: tuple[Trial, ...]
    done: tuple[Trial, ...]
    skipped: tuple[tuple[Trial, str], ...]
    failed: tuple[tuple[Trial, str], ...]


def missing(
    trials: Sequence[Trial], materials: Materials, results: Path, *, again: bool = False
) -> tuple[Trial, ...]:
    """The trials without a record that stands: failed and unreadable ones run again.

    Raises
    ------
    UserError : a corpus, a backbone or a method cannot be had.
    """
    if again:
        return tuple(trials)
    profile = materials.profile.name
    return tuple(
        trial
        for trial in trials
        if not _stands(record_path(results, profile, trial, materials.key(trial)))
    )


def run(
    trials: Sequence[Trial], materials: Materials, results: Path, *, again: bool = False
) -> Outcome:
    """Run the trials that are missing, in order, and store a record of each.

    A trial that raises is recorded as failed and the others go on; an interruption, or a folder
    that cannot be written, ends the run with every finished record in place.

    Parameters
    ----------
    again : run them all, whatever is stored; a record that is done is replaced only by another.

    Raises
    ------
    UserError : bad input, found before anything runs, or results that cannot be stored.
    """
    check_writable(results / materials.profile.name / "records")
    todo = missing(trials, materials, results, again=again)
    for trial in {(t.task, t.correlation): t for t in reversed(todo)}.values():
        check(materials.tasks[trial.task].kind, materials.splits(trial))
    event("plan", trials=len(trials), stored=len(trials) - len(todo), missing=len(todo))
    done, skipped, failed = [], [], []
    for number, trial in enumerate(todo, start=1):
        begun = time.perf_counter()
        record = run_trial(trial, materials, place=f"{number}/{len(todo)}")
        seconds = time.perf_counter() - begun
        fields: dict[str, Any] = {"trial": f"{number}/{len(todo)}", "what": str(trial)}
        if record.status == "done":
            done.append(trial)
            event("done", **fields, seconds=seconds)
        elif record.status == "skipped":
            skipped.append((trial, record.reason))
            event("skipped", **fields, reason=record.reason)
        else:
            failed.append((trial, record.reason))
            warn("failed", **fields, error=record.reason)
        for warning in record.warnings:
            warn("doubtful score", what=str(trial), why=warning)
        _store(results, materials.profile.name, record)
        gc.collect()
    stored = tuple(trial for trial in trials if trial not in set(todo))
    return Outcome(stored, tuple(done), tuple(skipped), tuple(failed))


def run_trial(trial: Trial, materials: Materials, *, place: str = "1/1") -> Record:
    """Fit and evaluate one method; whatever it raises becomes a failed record.

    Parameters
    ----------
    place : of the trial among all that run, for its progress.

    Raises
    ------
    KeyboardInterrupt, SystemExit : pass through; an interrupted trial leaves no record.
    """
    started = datetime.now(UTC)
    begun = time.perf_counter()
    inputs = materials.inputs(trial)
    common: dict[str, Any] = {
        "schema": SCHEMA,
        "key": key_of(inputs),
        "trial": trial,
        "inputs": inputs,
    }
    try:
        splits = materials.splits(trial)
        method = materials.method_class(trial.method)(materials.settings(trial))
        reason = method.supports(splits.training)
        if reason is not None:
            found: dict[str, Any] = {"status": "skipped", "reason": reason}
        else:
            found = {
                "status": "done",
                "reason": "",
                **_measured(trial, materials, splits, method, place),
            }
    except Exception as error:
        said = str(error).strip().split("\n")[0]
        reason = said if isinstance(error, UserError) else f"{type(error).__name__}: {said}"
        trace = "".join(traceback.format_exc().splitlines(keepends=True)[-TRACE_LINES:])
        found = {"status": "failed", "reason": reason, "trace": trace}
    where = {
        "started": started.isoformat(timespec="seconds"),
        "seconds": round(time.perf_counter() - begun, 3),
        **_where(trial, materials),
    }
    return Record(**common, **found, provenance={**provenance(), **where})


def _measured(
    trial: Trial, materials: Materials, splits: Draw, method: Learner, place: str
) -> dict[str, Any]:
    backbone = materials.backbone(trial.backbone)
    reset_peak()
    begun = time.perf_counter()
    method.checkpoint = cache_root() / "checkpoints" / materials.key(trial)
    with shown(f"{place} fit {trial}") as progress:
        method = method.fit(splits.training, backbone, seed=training_seed(trial), progress=progress)
    fit_seconds = time.perf_counter() - begun
    seed = split_seed(trial.task, trial.seed)
    task = materials.tasks[trial.task]
    main = trial.correlation == task.default_correlation
    with shown(f"{place} evaluate {trial}") as progress:
        evaluation = evaluate(
            task.kind,
            method,
            splits,
            seed=seed,
            pictures=main and trial.seed == 0,
            progress=progress,
        )
    for score in evaluation.scores:
        if not math.isfinite(score.value):
            raise ValueError(f"{score.metric} is {score.value}, which is no measurement")
    found = {each.name: getattr(evaluation, each.name) for each in fields(evaluation)}
    scores = (Score("fit_seconds", fit_seconds), *evaluation.scores)
    return {**found, "scores": scores, "grids": tuple(method.grids())}


def _where(trial: Trial, materials: Materials) -> dict[str, Any]:
    backbone, corpus = materials.backbone(trial.backbone), materials.corpus(trial.task)
    device = getattr(getattr(backbone, "model", None), "device", None)
    return {
        "backbone_revision": backbone.revision,
        "corpus_source": corpus.source,
        "device": "cpu" if device is None else str(device),
        "threads": _torch_threads(),
        "precision": _precision(),
    }


def _torch_threads() -> int | None:
    torch = sys.modules.get("torch")
    return None if torch is None else int(torch.get_num_threads())


def _precision() -> str | None:
    if "torch" not in sys.modules:
        return None
    from harness.precision import compute_dtype

    return str(compute_dtype()).removeprefix("torch.")


def _stands(path: Path) -> bool:
    if not path.exists():
        return False
    try:
        return read_record(path).status != "failed"
    except UserError as error:
        warn("unreadable record runs again", record=str(path), error=str(error))
        return False


def _store(results: Path, profile: str, record: Record) -> None:
    path = record_path(results, profile, record.trial, record.key)
    if record.status == "failed" and _stands(path):
        return
    write_record(results, profile, record)

"""Running one trial: fit, measure, and make a record of it, whatever happens."""

from __future__ import annotations

import contextlib
import math
import sys
import time
import traceback
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from data.errors import UserError
from data.tasks.task import Draw
from harness.contract.learner import Learner
from harness.contract.scores import Score
from harness.evaluation import evaluate
from harness.runs.deadline import DeadlineError, deadline
from harness.runs.progress_bars import shown
from harness.runs.trial_inputs import TrialInputs, split_seed, training_seed
from harness.store.provenance import provenance
from harness.store.records import SCHEMA, Record, key_of
from harness.store.trial import Trial
from harness.system.cache import checkpoint_folder
from harness.system.memory import reset_peak

TRACE_LINES = 12
LINE_LETTERS = 300
"""Of a reason, or of a line of a traceback: a message may hold a whole corpus."""


def run_trial(
    trial: Trial,
    trial_inputs: TrialInputs,
    *,
    place: str = "1/1",
    key: str | None = None,
    timeout: float | None = None,
) -> Record:
    """Fit and evaluate one method; whatever it raises becomes a failed record.

    Parameters
    ----------
    place : of the trial among all that run, for its progress.
    key : what the record's key must be, where somebody else has asked for it.
    timeout : seconds after which it has failed; see `harness.runs.deadline`.

    Raises
    ------
    KeyboardInterrupt : passes through; an interrupted trial leaves no record.
    UserError : a corpus or a backbone cannot be had, or the key is another one.
    """
    started = datetime.now(UTC)
    begun = time.perf_counter()
    inputs = trial_inputs.inputs(trial)
    common = identity(trial, inputs)
    if key not in (None, common["key"]):
        raise UserError(
            f"{trial} has other contents here than where it was asked for; give every worker the "
            "same corpora, backbones and version of the project"
        )
    try:
        # What a method prints is no result: standard output is for those who read tables.
        with deadline(timeout), contextlib.redirect_stdout(sys.stderr):
            splits = trial_inputs.splits(trial)
            method = trial_inputs.method_class(trial.method)(trial_inputs.settings(trial))
            reason = method.supports(splits.training)
            if reason is not None:
                found: dict[str, Any] = {"status": "skipped", "reason": reason}
            else:
                found = {
                    "status": "done",
                    "reason": "",
                    **_measured(trial, trial_inputs, splits, method, place),
                }
    except (Exception, SystemExit, DeadlineError) as error:
        found = {"status": "failed", **_explained(error)}
    where = {
        "started": started.isoformat(timespec="seconds"),
        "seconds": round(time.perf_counter() - begun, 3),
        **_where(trial, trial_inputs),
    }
    return Record(**common, **found, provenance={**provenance(), **where})


def identity(trial: Trial, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that a record has however its trial ends."""
    return {"schema": SCHEMA, "key": key_of(inputs), "trial": trial, "inputs": inputs}


def _explained(error: BaseException) -> dict[str, str]:
    """The reason and the last lines of the traceback, each line cut to a readable length."""
    said = str(error).strip().split("\n")[0]
    if isinstance(error, SystemExit):
        said = f"the method called sys.exit({said})"
    elif not isinstance(error, UserError | DeadlineError):
        said = f"{type(error).__name__}: {said}"
    lines = traceback.format_exc().splitlines()[-TRACE_LINES:]
    trace = "".join(f"{line[:LINE_LETTERS]}\n" for line in lines)
    return {"reason": said[:LINE_LETTERS], "trace": trace}


def _measured(
    trial: Trial, trial_inputs: TrialInputs, splits: Draw, method: Learner, place: str
) -> dict[str, Any]:
    backbone = trial_inputs.backbone(trial.backbone)
    reset_peak()
    begun = time.perf_counter()
    method.checkpoint = checkpoint_folder(trial_inputs.key(trial))
    with shown(f"{place} fit {trial}") as progress:
        method = method.fit(splits.training, backbone, seed=training_seed(trial), progress=progress)
    fit_seconds = time.perf_counter() - begun
    seed = split_seed(trial.task, trial.seed)
    task = trial_inputs.tasks[trial.task]
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
    return {**found, "scores": scores, "grids": tuple(method.heatmaps())}


def _where(trial: Trial, trial_inputs: TrialInputs) -> dict[str, Any]:
    backbone, corpus = trial_inputs.backbone(trial.backbone), trial_inputs.corpus(trial.task)
    return {
        "backbone_revision": backbone.revision,
        "corpus_source": corpus.source,
        "device": _device(backbone),
        "threads": _torch_threads(),
        "precision": _precision(),
    }


def _device(backbone: Any) -> str:
    lies_on = getattr(getattr(backbone, "model", None), "device", None)
    if lies_on is None:
        return "cpu"
    from harness.encoders.device import device_name

    return device_name(lies_on)


def _torch_threads() -> int | None:
    torch = sys.modules.get("torch")
    return None if torch is None else int(torch.get_num_threads())


def _precision() -> str | None:
    if "torch" not in sys.modules:
        return None
    from harness.encoders.precision import compute_dtype

    return str(compute_dtype()).removeprefix("torch.")

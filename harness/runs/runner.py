"""Running one trial: fit, measure, and make a record of it, whatever happens."""

import contextlib
import math
import sys
import time
import traceback
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from data.errors import UserError
from data.tasks.task import Draw
from harness.contract.scores import Score
from harness.evaluation import evaluate
from harness.evaluation.evaluation import Evaluation
from harness.runs.deadline import DeadlineError, deadline
from harness.runs.progress_bars import shown
from harness.runs.trial_inputs import PreparedTrial, TrialInputs
from harness.store.provenance import provenance
from harness.store.records import Record, schema_of
from harness.store.trial import Trial
from harness.system.cache import checkpoint_folder
from harness.system.memory import reset_peak
from harness.system.turns import turn_on

TRACE_LINES = 12
LINE_LETTERS = 300
"""Of a reason, or of a line of a traceback: a message may hold a whole corpus."""


def run_trial(
    prepared: PreparedTrial,
    trial_inputs: TrialInputs,
    *,
    place: str = "1/1",
    timeout: float | None = None,
) -> Record:
    """Fit and evaluate one method; whatever it raises becomes a failed record.

    Parameters
    ----------
    trial_inputs : give the draw, the corpus and the backbone.
    place : of the trial among all that run, for its progress.
    timeout : seconds after which it has failed; see `harness.runs.deadline`.

    Raises
    ------
    KeyboardInterrupt : passes through; an interrupted trial leaves no record.
    """
    from harness.encoders.device import gpu_identity

    # Before the trial, whose code may be edited while it runs.
    provenance()
    with turn_on(gpu_identity(_lies_on(prepared.trial, trial_inputs))):
        started = datetime.now(UTC)
        begun = time.perf_counter()
        status, reason, trace, found = "done", "", "", Evaluation()
        before: float | None = 0.0
        try:
            # What a method prints is no result: standard output is for those who read tables.
            with deadline(timeout), contextlib.redirect_stdout(sys.stderr):
                splits = trial_inputs.splits(prepared.trial)
                method = prepared.method_class(prepared.settings)
                if (unsupported := method.supports(splits.training)) is not None:
                    status, reason = "skipped", unsupported
                else:
                    from harness.training.checkpoint import seconds_spent

                    before = seconds_spent(checkpoint_folder(prepared.key))
                    found = _measured(prepared, trial_inputs, splits, place, before)
        except (Exception, SystemExit, DeadlineError) as error:
            status, found, (reason, trace) = "failed", Evaluation(), _explained(error)
    where = {
        "started": started.isoformat(timespec="seconds"),
        # A training that goes on where another process left off counts the time of both.
        "seconds": round((before or 0.0) + time.perf_counter() - begun, 3),
        **_where(prepared.trial, trial_inputs),
    }
    return record_of(prepared, status, where, reason=reason, trace=trace, found=found)


def record_of(
    prepared: PreparedTrial,
    status: str,
    where: Mapping[str, Any],
    *,
    reason: str = "",
    trace: str = "",
    found: Evaluation,
) -> Record:
    """The record of a trial, however it ended.

    Parameters
    ----------
    status, reason, trace : as in `harness.store.records.Record`.
    where : times and places, beside the provenance that all trials of a process share.
    found : what was measured; an empty `Evaluation` where the trial is not done.
    """
    return Record(
        schema=schema_of(prepared.task.kind),
        key=prepared.key,
        status=status,
        reason=reason,
        trial=prepared.trial,
        inputs=prepared.inputs,
        trace=trace,
        counts=found.counts,
        classes=found.classes,
        scores=found.scores,
        chance=found.chance,
        cells=found.cells,
        right=found.right,
        cell_accuracy=found.cell_accuracy,
        pairs=found.pairs,
        projections=found.projections,
        grids=found.heatmaps,
        texts=found.texts,
        warnings=found.warnings,
        provenance={**provenance(), **where},
    )


def _explained(error: BaseException) -> tuple[str, str]:
    """The reason and the last lines of the traceback, each line cut to a readable length."""
    said = str(error).strip().split("\n")[0]
    if isinstance(error, SystemExit):
        said = f"the method called sys.exit({said})"
    elif not isinstance(error, UserError | DeadlineError):
        said = f"{type(error).__name__}: {said}"
    lines = traceback.format_exc().splitlines()[-TRACE_LINES:]
    return said[:LINE_LETTERS], "".join(f"{line[:LINE_LETTERS]}\n" for line in lines)


def _measured(
    prepared: PreparedTrial,
    trial_inputs: TrialInputs,
    splits: Draw,
    place: str,
    before: float | None,
) -> Evaluation:
    """What the trial measures; `before`: seconds that its training had taken already, if known."""
    from harness.runs.fitting import fitted

    trial = prepared.trial
    backbone = trial_inputs.backbone(trial.backbone)
    reset_peak()
    begun = time.perf_counter()
    with shown(f"{place} fit {trial}") as progress:
        method = fitted(prepared, splits.training, backbone, progress=progress)
    fit_seconds = time.perf_counter() - begun
    beside = trial_inputs.beside(prepared)
    with shown(f"{place} evaluate {trial}") as progress:
        found = evaluate(
            prepared.task.kind,
            method,
            splits,
            seed=prepared.split_seed,
            pictures=trial.correlation == prepared.task.default_correlation and trial.seed == 0,
            progress=progress,
            **beside,
        )
    for score in found.scores:
        if not math.isfinite(score.value):
            raise ValueError(f"{score.metric} is {score.value}, which is no measurement")
    heatmaps = (*found.heatmaps, *method.heatmaps())
    known = before is not None and prepared.shares is None
    spent = (Score("fit_seconds", (before or 0.0) + fit_seconds),) if known else ()
    measured = replace(found, scores=(*spent, *found.scores), heatmaps=heatmaps)
    # What no file can hold, such as a tensor in place of a number, fails here and ends no run.
    record_of(prepared, "done", {}, found=measured).to_json()
    return measured


def _lies_on(trial: Trial, trial_inputs: TrialInputs) -> Any:
    """The device of the trial's backbone; None where torch has no part in it."""
    model = getattr(trial_inputs.backbone(trial.backbone), "model", None)
    return getattr(model, "device", None)


def _where(trial: Trial, trial_inputs: TrialInputs) -> dict[str, Any]:
    backbone, corpus = trial_inputs.backbone(trial.backbone), trial_inputs.corpus(trial.task)
    device, threads, precision, packing = "cpu", None, None, None
    if (torch := sys.modules.get("torch")) is not None:
        from harness.encoders.device import device_name
        from harness.encoders.precision import compute_dtype
        from harness.encoders.sequence_packing import packs

        threads, precision = int(torch.get_num_threads()), str(compute_dtype())
        packing = packs()
        if lies_on := _lies_on(trial, trial_inputs):
            device = device_name(lies_on)
    return {
        "backbone_revision": backbone.revision,
        "corpus_source": corpus.source,
        "device": device,
        "threads": threads,
        "precision": precision and precision.removeprefix("torch."),
        "packing": packing,
    }

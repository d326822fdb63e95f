"""Commands that run trials, or say which would run."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from data.errors import UserError
from harness.cli import options
from harness.cli.multi_value import ManyValues
from harness.cli.options import option

if TYPE_CHECKING:
    from harness.runs.driver import Outcome
    from harness.runs.trial_inputs import TrialInputs
    from harness.store.trial import Trial


@click.command(cls=ManyValues)
@options.what_runs
@options.results_folder
@click.option("--again", is_flag=True, help="Run trials that are stored once more.")
@option(
    "--backend",
    None,
    "Where trials run: on this machine, or on a Ray cluster.",
    type=click.Choice(["local", "ray"]),
    default="local",
)
@option("--workers", "N", "Trials at a time.  [default: one a GPU; on ray, what fits]")
@options.precision_used
@options.devices_used
@options.threads_used
@option(
    "--timeout",
    "SECONDS",
    "Time limit of a trial; one that takes longer fails.",
    type=click.FloatRange(min=0.0, min_open=True),
)
@option("--tensorboard", "DIR", "Write curves for TensorBoard.")
@option("--log-file", "FILE", "Write events as JSON lines.")
def run(
    *,
    results: Path,
    again: bool,
    log_file: Path | None,
    tensorboard: Path | None,
    backend: str,
    workers: int | None,
    threads: int | None,
    timeout: float | None,
    **asked: Any,
) -> None:
    """Run the trials that are missing, and show the results.

    python -m harness run --task movies --method masked-weights --seeds 3

    Methods that are named run with every seed on every task. Where none is named all run; under
    the profile quick some of each kind, most of them on the first task alone.
    """
    from harness.outputs.tables import render_summary
    from harness.outputs.write import write_outputs
    from harness.runs.request import plan_request
    from harness.runs.trackers import tensorboard_in
    from harness.store.records import current, read_records

    log_on_stderr(log_file)
    trials, trial_inputs = plan_request(options.request_of(**asked))
    profile = trial_inputs.profile.name
    outcome = carried_out(
        trials,
        trial_inputs,
        results,
        again=again,
        backend=backend,
        workers=workers,
        threads=threads,
        timeout=timeout,
        trackers=() if tensorboard is None else (tensorboard_in(tensorboard),),
    )
    write_outputs(results, profile)
    records = read_records(results, profile)
    click.echo(render_summary(results, profile))
    click.echo(
        f"{len(outcome.done)} trials done, {len(outcome.stored)} were stored already, "
        f"{len(outcome.skipped)} skipped, {len(outcome.failed)} failed"
    )
    if older := len(records) - len(current(records)):
        click.echo(f"{older} older records, of other contents or settings, are left out")
    click.echo(f"scores.csv, tables/, figures/ and records/ are in {results / profile}")
    if outcome.failed:
        trial, reason = outcome.failed[0]
        raise UserError(
            f"{len(outcome.failed)} of {len(trials)} trials failed, first {trial}: {reason}"
        )


def log_on_stderr(log_file: Path | None = None) -> None:
    """Events as lines, or warnings alone beside a bar on a terminal, which shows the rest."""
    from harness.system.logs import set_up

    set_up(level=logging.WARNING if sys.stderr.isatty() else logging.INFO, log_file=log_file)


def carried_out(
    trials: Sequence[Trial],
    trial_inputs: TrialInputs,
    results: Path,
    *,
    workers: int | None,
    threads: int | None,
    backend: str = "local",
    timeout: float | None = None,
    **how: Any,
) -> Outcome:
    """Run trials in a process that may be interrupted; what is finished then stands in scores.csv.

    `how` goes on to `harness.runs.driver.run`, whose UserError it raises. KeyboardInterrupt by
    Ctrl-C or SIGTERM, which says how to go on.
    """
    from harness.analysis.scores_csv import write_scores
    from harness.runs import driver
    from harness.runs.executors.serial import executor_for

    profile = trial_inputs.profile.name
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        executor = executor_for(
            trial_inputs,
            backend=backend,
            workers=workers,
            threads=options.use_threads(threads),
            timeout=timeout,
        )
        return driver.run(trials, trial_inputs, results, executor=executor, **how)
    except KeyboardInterrupt:
        if any((results / profile / "records").glob("*/*/*.json")):
            write_scores(results, profile)
        raise KeyboardInterrupt(
            "interrupted; finished records are kept, run the same command again to go on"
        ) from None
    finally:
        signal.signal(signal.SIGTERM, before)


@click.command(cls=ManyValues)
@options.what_runs
@options.results_folder
@click.option("--again", is_flag=True, help="Count trials that are stored too.")
@option("--workers", "N", "Trials at a time.", default=1)
def plan(*, results: Path, again: bool, workers: int, **asked: Any) -> None:
    """Show which trials `run` with the same options would run, and what they would cost.

    python -m harness plan --profile standard --data-dir DATA

    One line a trial, and a summary with time and disk as earlier trials had them.
    """
    from harness.runs.dry_run import planned
    from harness.runs.request import plan_request

    trials, trial_inputs = plan_request(options.request_of(**asked))
    found = planned(trials, trial_inputs, results, again=again)
    for line in found.lines(workers=workers):
        click.echo(line)

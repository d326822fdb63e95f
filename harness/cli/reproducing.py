"""The command that runs a profile from nothing and holds it against what is stored."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import click

from data.corpora import DATA_DIR_VARIABLE
from data.errors import UserError
from harness.cli.multi_value import ManyValues
from harness.cli.options import (
    devices_used,
    option,
    precision_used,
    profile_name,
    results_folder,
    threads_used,
)
from harness.cli.running import carried_out, log_on_stderr
from harness.system.cache import CACHE_VARIABLE


@click.command(cls=ManyValues)
@option(
    "--to",
    "DIR",
    "Folder for the fresh records and for all that is computed on the way.",
    default=Path("reproduction"),
)
@profile_name("quick")
@option("--task tasks", "NAME...", "These tasks alone.", multiple=True)
@option("--method methods", "NAME...", "These methods alone.", multiple=True)
@option("--data-dir", "DIR", "Folder of real corpora, where the profile needs one.")
@results_folder
@option("--workers", "N", "Trials at a time.  [default: one a core]")
@precision_used
@devices_used
@threads_used
def reproduce(
    *,
    to: Path,
    profile: str,
    tasks: tuple[str, ...],
    methods: tuple[str, ...],
    data_dir: Path | None,
    results: Path,
    workers: int | None,
    threads: int | None,
) -> None:
    """Run a profile from nothing, and hold its scores against the stored ones.

    It goes on where it was interrupted; remove the folder to start from nothing again. The last
    line is the verdict: the exit status is 0 where the stored scores are reproduced.
    """
    from harness.analysis.scores_csv import write_scores
    from harness.outputs.reproduction import hold
    from harness.outputs.tables import plain
    from harness.runs import profiles
    from harness.runs.estimates import Estimates, duration
    from harness.runs.request import Request, plan_request
    from harness.store.draws import read_draws
    from harness.store.records import current, read_records

    if to.resolve() == results.resolve():
        raise UserError(f"{to} has the stored results; name another folder with --to")
    begun = time.monotonic()
    # One thread a trial, as the stored trials have it: with more, sums round otherwise.
    workers = workers or threads or os.cpu_count() or 1
    chosen = profiles.find(profile)
    stored = current(read_records(results, chosen.name))
    log_on_stderr()
    data = os.environ.get(DATA_DIR_VARIABLE) if chosen.real_data else None
    with _environment({CACHE_VARIABLE: str((to / "cache").resolve()), DATA_DIR_VARIABLE: data}):
        trials, trial_inputs = plan_request(
            Request(profile=chosen.name, tasks=tasks, methods=methods, data_dir=data_dir)
        )
        estimates = Estimates.of_stored(results, chosen.name)
        expected = estimates.seconds(trials)
        click.echo(
            f"{len(trials)} trials of the profile {chosen.name} in {to}"
            + (f", about {duration(expected / workers)}" if expected else "")
        )
        outcome = carried_out(
            trials, trial_inputs, to, workers=workers, threads=threads, estimates=estimates
        )
    write_scores(to, chosen.name)
    fresh = {record.trial: record for record in current(read_records(to, chosen.name))}
    found = hold(
        [fresh[trial] for trial in trials if trial in fresh],
        stored,
        read_draws(results, chosen.name),
    )
    click.echo(plain.render(found.document()))
    again = f", {len(outcome.stored)} were done before" if outcome.stored else ""
    click.echo(f"{len(outcome.done)} trials done in {duration(time.monotonic() - begun)}{again}")
    click.echo(found.verdict)
    click.get_current_context().exit(0 if found.reproduced else 1)


@contextlib.contextmanager
def _environment(changes: dict[str, str | None]) -> Iterator[None]:
    """Variables with other values, or without any where there is None."""
    before = {name: os.environ.get(name) for name in changes}

    def put(values: dict[str, str | None]) -> None:
        for name, value in values.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    put(changes)
    try:
        yield
    finally:
        put(before)

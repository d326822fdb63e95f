"""Commands that come before a run: settings to choose, corpora to fetch."""

from __future__ import annotations

from pathlib import Path

import click

from harness.cli.errors import show_traceback
from harness.cli.multi_value import ManyValues
from harness.cli.options import (
    COUNT,
    FOLDER,
    option,
    profile_name,
    results_folder,
    threads_used,
    use_threads,
)


@click.command(cls=ManyValues)
@option("--method", "NAME", "The method to tune.", required=True)
@option("--task", "NAME", "The task to tune it on.", default="movies")
@option(
    "--setting choices",
    "NAME=VALUE,VALUE...",
    "Settings to vary, each with the values to try.",
    multiple=True,
)
@option("--seeds", "N", "Seeds of each combination.", type=COUNT, default=1)
@profile_name("standard")
@option("--data-dir", "DIR", "Folder of real corpora.", type=FOLDER)
@threads_used
@results_folder
@show_traceback
def tune(
    *,
    method: str,
    task: str,
    choices: tuple[str, ...],
    seeds: int,
    profile: str,
    data_dir: Path | None,
    threads: int | None,
    results: Path,
) -> None:
    """Compare settings of a method without touching an evaluation row.

    python -m harness tune --method masked-weights --setting steps=100,200 layers=2,3

    All combinations are tried; they are compared by target accuracy minus leakage on held-out
    rows of the training side.
    """
    from data import tasks
    from harness.encoders.backbones import resolve
    from harness.runs import discovery, profiles, tuning

    chosen = profiles.find(profile)
    found, method_class = tuning.tunable(tasks.find(task), discovery.load(method))
    grid = tuning.grid(method_class, choices)
    corpus = found.load(data_dir)
    use_threads(threads)
    path = results / chosen.name / "tuning" / f"{task}-{method}.csv"
    for tried in tuning.tune(
        method_class,
        grid,
        found,
        corpus,
        resolve(chosen.backbone),
        profile=chosen.name,
        correlation=found.default_correlation,
        seeds=seeds,
        path=path,
    ):
        click.echo(
            f"target {tried.target:.3f}  leakage {tried.leakage:.3f}  score {tried.score:+.3f}  "
            f"seed {tried.seed}  {tried.settings}"
        )
    click.echo(path)


@click.command()
@click.argument("name")
@option("--data-dir", "DIR", "Folder to store the corpus in.", type=FOLDER, required=True)
@option("--copy", "FILE", "Your own copy of the corpus; founta needs it.", type=FOLDER)
@show_traceback
def download(name: str, data_dir: Path, copy: Path | None) -> None:
    """Fetch a corpus from its public originals into a data folder."""
    from data.remote import fetch

    click.echo(fetch(name, data_dir, copy=copy))

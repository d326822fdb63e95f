"""Commands that come before a run: settings to choose, corpora to fetch."""

from pathlib import Path

import click

from harness.cli import options
from harness.cli.multi_value import ManyValues
from harness.cli.options import option


@click.command(cls=ManyValues)
@option("--method methods", "NAME...", "Methods to tune.  [default: all]", multiple=True)
@option("--budget", "N", "Settings to try, the same number for each method.", default=8)
@option("--task", "NAME", "The task to tune on.", default="movies")
@click.option("--choose", is_flag=True, help="Make what the stored fits say the defaults.")
@options.profile_name("standard")
@option("--data-dir", "DIR", "Folder of real corpora.")
@options.precision_used
@options.devices_used
@options.threads_used
@options.results_folder
def tune(
    *,
    methods: tuple[str, ...],
    budget: int,
    task: str,
    choose: bool,
    profile: str,
    data_dir: Path | None,
    threads: int | None,
    results: Path,
) -> None:
    """Give each method the same number of fits, without touching an evaluation row.

    python -m harness tune --budget 8 --data-dir DATA

    Settings are drawn from each method's search space and compared by their distance to the
    optimum on held-out rows of the training side; the best two get two more seeds. What is stored
    is not tried again. Then `tune --choose` makes the best of each method its defaults.
    """
    from data import tasks
    from harness.encoders.backbones import resolve
    from harness.runs import discovery, profiles
    from harness.runs.tuning.fits import stored_fits, write_defaults
    from harness.runs.tuning.trying import tunable, tuned

    chosen, found = profiles.find(profile), tasks.find(task)
    folder = results / profile / "tuning" / task
    if choose:
        write_defaults(stored_fits(folder))
        return
    names = methods or [n for n in discovery.methods() if discovery.load(n).needs_search()]
    options.use_threads(threads)
    corpus, backbone = found.load(data_dir), resolve(chosen.backbone)
    for name in names:
        labelled, method = tunable(found, discovery.load(name))
        defaults = method.settings_for("default", chosen.name, kind=labelled.kind)
        path = folder / f"{name}.csv"
        for fit in tuned(method, defaults, labelled, corpus, backbone, path, budget=budget):
            click.echo(
                f"{name}  target {fit.target:.3f}  leakage {fit.leakage:.3f}  neighbours "
                f"{fit.neighbours_kept:.3f}  seed {fit.seed}  {fit.settings}"
            )
        click.echo(path)


@click.command()
@click.argument("name")
@option("--data-dir", "DIR", "Folder to store the corpus in.", required=True)
@option("--copy", "FILE", "Your own copy of the corpus; founta needs it.")
def download(name: str, data_dir: Path, copy: Path | None) -> None:
    """Fetch a corpus from its public originals into a data folder."""
    from data.remote.fetching import fetch

    click.echo(fetch(name, data_dir, copy=copy))

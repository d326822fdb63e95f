"""The command that writes a method's encoder for other libraries."""

from pathlib import Path
from typing import Any

import click

from data.errors import UserError
from harness.cli import options
from harness.cli.multi_value import ManyValues
from harness.cli.options import option


@click.command(cls=ManyValues)
@options.what_runs
@option("--aspect", "NAME", "The aspect whose representation is meant.", required=True)
@option("--to folder", "DIR", "Folder to write.", required=True)
@option("--from source", "DIR", "What a method saved, instead of fitting it.")
@options.threads_used
@options.results_folder
def export(
    *,
    aspect: str,
    folder: Path,
    source: Path | None,
    threads: int | None,
    results: Path,
    **asked: Any,
) -> None:
    """Write a method's encoder as a folder that SentenceTransformer loads.

    python -m harness export --method leace --aspect sentiment --to FOLDER

    The method is fitted as the first trial that `run` with the same options runs. The folder's
    README.md is its model card; what it tells of leakage is from the trial's stored record.
    """
    from harness.outputs.exported import export_saved, export_trial
    from harness.runs.request import plan_request

    options.use_threads(threads)
    if source is not None:
        backbone = asked.pop("backbone")
        if any(asked.values()):
            raise UserError("--from names a fitted method; leave out what it would be fitted on")
        method = export_saved(source, aspect, folder, backbone)
        click.echo(f"{method}, saved in {source}, is in {folder}")
        return
    if len(asked["methods"]) != 1:
        raise UserError("name the one method to export: --method NAME, or --from DIR")
    trials, trial_inputs = plan_request(options.request_of(**asked))
    export_trial(trials[0], trial_inputs, aspect, folder, results)
    click.echo(f"{trials[0]} is in {folder}")

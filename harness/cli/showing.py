"""Commands that show what there is and what was found; they need no torch."""

from __future__ import annotations

from pathlib import Path

import click

from harness.cli.errors import show_traceback
from harness.cli.options import profile_name, results_folder


@click.command(name="list")
@click.argument(
    "kind", required=False, type=click.Choice(["methods", "tasks", "backbones", "profiles"])
)
@click.option(
    "--backbone",
    default="minilm",
    show_default=True,
    metavar="NAME",
    help="Whose stored trials say how many numbers a method trains.",
)
@results_folder
@show_traceback
def list_names(kind: str | None, backbone: str, results: Path) -> None:
    """List methods, tasks, backbones and profiles, one line each.

    Of methods: how many numbers each trains on the backbone, what it does, and its source.
    """
    from data import tasks
    from harness.cli.listing import aligned, method_lines, trained_numbers
    from harness.encoders.backbones import BUILT_IN
    from harness.runs import discovery, profiles

    backbones = {**BUILT_IN, "FOLDER or HUB/NAME": "any checkpoint with safetensors weights"}
    amounts = {profile.name: profile.summary for profile in profiles.PROFILES}
    shown = {
        "methods": method_lines(discovery.methods(), trained_numbers(results, backbone)),
        "tasks": aligned(list(tasks.summaries().items())),
        "backbones": aligned(list(backbones.items())),
        "profiles": aligned(list(amounts.items())),
    }
    for title, lines in shown.items():
        if kind in (None, title):
            click.echo("\n".join([title, *(f"  {line}" for line in lines)]))


@click.command()
@profile_name
@results_folder
@click.option("--svg", is_flag=True, help="Figures as SVG beside PNG, for papers.")
@show_traceback
def tables(profile: str, results: Path, svg: bool) -> None:
    """Make scores.csv, tables and figures again from stored records."""
    from harness.outputs.write import write_outputs
    from harness.runs import profiles

    profiles.find(profile)
    for path in write_outputs(results, profile, vector=svg):
        click.echo(path)


@click.command()
@profile_name
@results_folder
@show_traceback
def report(profile: str, results: Path) -> None:
    """Make report.html, one page with everything, and model cards from stored records."""
    from harness.outputs.report import write_report
    from harness.outputs.report.cards import write_cards
    from harness.runs import profiles

    profiles.find(profile)
    for path in (write_report(results, profile), *write_cards(results, profile)):
        click.echo(path)


@click.command()
@click.argument("first")
@click.argument("second")
@profile_name
@results_folder
@show_traceback
def compare(first: str, second: str, profile: str, results: Path) -> None:
    """Say whether one method, or one folder of results, is better than another.

    python -m harness compare untuned masked-weights --profile standard

    FIRST and SECOND are two methods, each NAME or NAME:VARIANT, or two folders that hold
    scores.csv and records, such as results/quick.
    """
    from harness.analysis.profile_scores import ProfileScores
    from harness.outputs import comparison
    from harness.outputs.tables import plain

    places = Path(first), Path(second)
    if all(place.is_dir() for place in places):
        read = [ProfileScores.read(p.absolute().parent, p.absolute().name) for p in places]
        click.echo(plain.render(comparison.folders(read[0], read[1], (first, second))))
        return
    from harness.runs import profiles

    profiles.find(profile)
    measured = ProfileScores.read(results, profile)
    click.echo(plain.render(comparison.methods(measured, first, second)))

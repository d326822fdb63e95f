"""Commands that show what there is and what was found; they need no torch."""

from pathlib import Path

import click

from data.errors import UserError, listed
from harness.cli.options import option, profile_name, results_folder


@click.command(name="list")
@click.argument(
    "kind", required=False, type=click.Choice(["methods", "tasks", "backbones", "profiles"])
)
@option("--backbone", "NAME", "Backbone whose stored trials are counted.", default="minilm")
@option("--settings", "NAME", "What can be set of one method, with defaults and variants.")
@results_folder
def list_names(kind: str | None, backbone: str, settings: str | None, results: Path) -> None:
    """List methods, tasks, backbones and profiles, one line each.

    For methods: how many parameters each trains on the backbone, what it does, and its source.
    """
    if settings is not None:
        if kind not in (None, "methods"):
            raise UserError(f"{kind} have no settings; ask `list methods --settings {settings}`")
        from harness.cli.listing import settings_lines
        from harness.runs import discovery

        click.echo("\n".join(settings_lines(discovery.load(settings))))
        return
    from data import tasks
    from harness.cli.listing import method_lines, trained_numbers
    from harness.encoders.backbones import BUILT_IN
    from harness.outputs.aligned import aligned
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
@profile_name("quick")
@results_folder
@click.option("--svg", is_flag=True, help="Figures as SVG beside PNG, for papers.")
def tables(profile: str, results: Path, svg: bool) -> None:
    """Make scores.csv, tables and figures again from stored records."""
    from harness.outputs.write import write_outputs
    from harness.runs import profiles

    profiles.find(profile)
    for path in write_outputs(results, profile, vector=svg):
        click.echo(path)


@click.command()
@profile_name("quick")
@results_folder
def report(profile: str, results: Path) -> None:
    """Make report.html, one page with everything, and model cards from stored records."""
    from harness.outputs.report import write_report
    from harness.outputs.report.cards import write_cards
    from harness.runs import profiles

    profiles.find(profile)
    for path in (write_report(results, profile), *write_cards(results, profile)):
        click.echo(path)


@click.command()
@click.argument("first", required=False)
@click.argument("second", required=False)
@profile_name("quick")
@results_folder
def compare(first: str | None, second: str | None, profile: str, results: Path) -> None:
    """Test whether one method, one folder of results or one audit is better than another.

    python -m harness compare untuned masked-weights --profile standard

    FIRST and SECOND are two methods, each NAME or NAME:VARIANT, two folders that hold
    scores.csv and records, such as results/quick, or two files that `audit --out` has made.
    """
    from harness.analysis.profile_scores import ProfileScores
    from harness.outputs import comparison
    from harness.outputs.tables import plain
    from harness.runs import profiles

    places = [Path(name).absolute() for name in (first, second) if name is not None]
    for name, place in zip((first, second), places, strict=False):
        if "/" in str(name) and not place.exists() and place.suffix != ".json":
            raise UserError(f"there is no folder {name}; name two folders of results, or methods")
    if len(places) == 2 and [place.is_dir() for place in places].count(True) == 1:
        lone = second if places[0].is_dir() else first
        raise UserError(f"there is no folder {lone}; name two folders of results, or two methods")
    if first and second and all(place.is_dir() for place in places):
        read = [ProfileScores.read(place.parent, place.name) for place in places]
        click.echo(plain.render(comparison.folders(read[0], read[1], (first, second))))
        return
    if first and second and all(place.suffix == ".json" for place in places):
        from harness.outputs.audit import comparison as audits
        from harness.outputs.audit.result import read_audit

        one, other = map(read_audit, places)
        click.echo(plain.render(audits.compared(one, other, (first, second))))
        return
    profiles.find(profile)
    measured = ProfileScores.read(results, profile)
    if first is None or second is None:
        comparison.check_names(measured, [first] if first else [])
        methods = {each.method for found in measured.values.values() for each in found}
        # Those that most people mean come first.
        order = sorted(methods, key=lambda name: (name not in profiles.MAIN_METHODS, name))
        raise UserError(
            "name two methods, each NAME or NAME:VARIANT, or two folders of results; methods in "
            f"{results / profile}: {listed(order)}"
        )
    click.echo(plain.render(comparison.methods(measured, first, second)))

"""The command line: list, plan, run, tables, report, compare, tune, download.

Only what help and listings need is imported here; everything heavy waits for its command.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from data.errors import UserError
from harness.many import ManyValues

if TYPE_CHECKING:
    from harness.materials import Materials
    from harness.request import Request
    from harness.trials import Trial

INTERRUPTED = 130
FOLDER = click.Path(file_okay=True, path_type=Path)


class Suite(click.Group):
    """Turns every error into one line on stderr and a non-zero exit."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except UserError as error:
            _complain(ctx, str(error), 1)
        except KeyboardInterrupt as error:
            _complain(ctx, str(error) or "interrupted", INTERRUPTED)
        except click.ClickException as error:
            _complain(ctx, error.format_message(), error.exit_code)
        except (click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            said = " ".join(str(error).split())
            _complain(ctx, f"{type(error).__name__}: {said} (a fault; --traceback shows where)", 1)


def _complain(ctx: click.Context, message: str, status: int) -> None:
    if ctx.meta.get("traceback"):
        traceback.print_exc()
    click.echo(f"error: {' '.join(message.split())}", err=True)
    ctx.exit(status)


def _remember_traceback(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    ctx.meta["traceback"] = value


show_traceback = click.option(
    "--traceback",
    is_flag=True,
    expose_value=False,
    callback=_remember_traceback,
    help="Show where an error arose.",
)
results_folder = click.option(
    "--results",
    type=FOLDER,
    default=Path("results"),
    show_default=True,
    help="Where records, tables and figures lie.",
)


WHAT = (
    click.option(
        "--profile",
        metavar="NAME",
        help="How much runs.  [default: quick, or standard where there is a data folder]",
    ),
    click.option("--task", "tasks", multiple=True, metavar="NAME...", help="Tasks to run."),
    click.option("--method", "methods", multiple=True, metavar="NAME...", help="Methods to run."),
    click.option("--variant", "variants", multiple=True, metavar="NAME...", help="Their variants."),
    click.option("--seeds", type=click.IntRange(min=1), metavar="N", help="Trials of each."),
    click.option(
        "--correlation",
        "correlations",
        multiple=True,
        type=click.FloatRange(0.0, 1.0),
        metavar="RHO...",
        help="Share of the training rows in the majority cells.  [default: the task's, .85]",
    ),
    click.option("--backbone", metavar="NAME", help="Built-in name, folder or hub name."),
    click.option(
        "--data-dir",
        type=FOLDER,
        metavar="DIR",
        help="Real corpora; without it they are generated.",
    ),
    click.option("--csv", "file", type=FOLDER, metavar="FILE", help="Run on your own file."),
    click.option("--text", metavar="COLUMN", help="Its column of texts."),
    click.option("--aspects", multiple=True, metavar="COLUMN...", help="Its columns of labels."),
    click.option("--group", metavar="COLUMN", help="Its column of groups that stay together."),
    click.option("--genres", multiple=True, metavar="A B", help="The two genres of movies."),
    click.option(
        "--paraphrases", type=FOLDER, metavar="FILE", help="Your own pairs for the task syntax."
    ),
)
"""The options that say what runs; `plan` and `run` take the same."""


def what_runs(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `WHAT`."""
    for option in reversed(WHAT):
        command = option(command)
    return command


@click.group(cls=Suite, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """How cleanly can the aspects of a text be separated, by which method, at what cost?

    Start with `python -m harness run`: it needs no data and no network.
    """


@main.command(name="list")
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
    from harness import discovery, profiles
    from harness.backbones import BUILT_IN
    from harness.listing import aligned, method_lines, trained_numbers

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


@main.command(cls=ManyValues)
@what_runs
@results_folder
@click.option("--again", is_flag=True, help="Run also what is stored.")
@click.option(
    "--backend",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="Processes of this machine, or a Ray cluster.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="Trials at a time.  [default: one, on ray what fits]",
)
@click.option("--threads", type=click.IntRange(min=1), metavar="N", help="[default: all cores]")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.0, min_open=True),
    metavar="SECONDS",
    help="A trial that takes longer has failed.",
)
@click.option("--tensorboard", type=FOLDER, metavar="DIR", help="Write curves for TensorBoard.")
@click.option("--log-file", type=FOLDER, metavar="FILE", help="Write events as JSON lines.")
@show_traceback
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
    """Run the trials that are missing, and show what they say.

    python -m harness run --task movies --method masked-weights --seeds 3

    Methods that are named run with every seed on every task. Where none is named all run, under
    the profile quick most of them once, on the first task.
    """
    from harness.logs import set_up
    from harness.request import prepare

    # A bar shows on a terminal, so plain events would only repeat it.
    quiet = sys.stderr.isatty()
    set_up(level=logging.WARNING if quiet else logging.INFO, log_file=log_file)
    trials, materials = prepare(_request(**asked))
    cores = threads or os.cpu_count() or 1
    _run(
        trials,
        materials,
        results,
        again=again,
        tensorboard=tensorboard,
        backend=backend,
        workers=workers,
        threads=cores,
        timeout=timeout,
    )


@main.command(cls=ManyValues)
@what_runs
@results_folder
@click.option("--again", is_flag=True, help="Count also what is stored.")
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="Trials at a time.",
)
@show_traceback
def plan(*, results: Path, again: bool, workers: int, **asked: Any) -> None:
    """Say what `run` with the same options would do, and what it would cost.

    python -m harness plan --profile standard --data-dir DATA

    One line a trial, and a summary with time and disk as earlier trials had them.
    """
    from harness.plans import planned
    from harness.request import prepare

    trials, materials = prepare(_request(**asked))
    found = planned(trials, materials, results, again=again)
    for line in found.lines(workers=workers):
        click.echo(line)


def _request(
    *,
    file: Path | None,
    text: str | None,
    aspects: tuple[str, ...],
    group: str | None,
    genres: tuple[str, ...],
    paraphrases: Path | None,
    tasks: tuple[str, ...],
    **asked: Any,
) -> Request:
    """What the options of `WHAT` ask for."""
    from harness.request import Request

    own = {"file": file, "text": text, "aspects": aspects, "group": group}
    if file is None and any(own.values()):
        raise UserError("--text, --aspects and --group describe a file; name it with --csv FILE")
    if file is not None:
        if tasks not in ((), ("csv",)):
            raise UserError("--csv is a task of its own; leave out --task")
        tasks = ("csv",)
    options: dict[str, dict[str, Any]] = {
        "csv": {name: value for name, value in own.items() if value},
        "movies": {"genres": genres} if genres else {},
        "syntax": {"paraphrases": paraphrases} if paraphrases else {},
    }
    return Request(tasks=tasks, options=options, **asked)


def _run(
    trials: Sequence[Trial],
    materials: Materials,
    results: Path,
    *,
    again: bool,
    tensorboard: Path | None,
    **where: Any,
) -> None:
    from harness import driver
    from harness.executors.choice import executor_for
    from harness.outputs import write_outputs
    from harness.records import current, read_records
    from harness.scorefile import write_scores
    from harness.tables import render_summary
    from harness.trackers import TensorBoard

    profile = materials.profile.name
    try:
        with _termination_interrupts():
            # Corpora first: what is wrong with a file is said before anything is learned.
            for task in materials.tasks:
                materials.corpus(task)
            trackers = () if tensorboard is None else (TensorBoard(tensorboard),)
            _use_threads(where["threads"])
            executor = executor_for(materials, **where)
            outcome = driver.run(
                trials, materials, results, again=again, executor=executor, trackers=trackers
            )
    except KeyboardInterrupt:
        if any((results / profile / "records").glob("*/*/*.json")):
            write_scores(results, profile)
        raise KeyboardInterrupt(
            "interrupted; finished records are kept, run the same command again to go on"
        ) from None
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


def _use_threads(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)


@contextmanager
def _termination_interrupts() -> Iterator[None]:
    """SIGTERM ends the work as Ctrl-C does."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@main.command()
@click.option("--profile", default="quick", show_default=True, metavar="NAME")
@results_folder
@show_traceback
def tables(profile: str, results: Path) -> None:
    """Make scores.csv, tables and figures anew from stored records."""
    from harness import profiles
    from harness.outputs import write_outputs

    profiles.find(profile)
    for path in write_outputs(results, profile):
        click.echo(path)


@main.command()
@click.option("--profile", default="quick", show_default=True, metavar="NAME")
@results_folder
@show_traceback
def report(profile: str, results: Path) -> None:
    """Make report.html, one page with everything, and model cards from stored records."""
    from harness import profiles
    from harness.report import write_report
    from harness.report.cards import write_cards

    profiles.find(profile)
    for path in (write_report(results, profile), *write_cards(results, profile)):
        click.echo(path)


@main.command()
@click.argument("first")
@click.argument("second")
@click.option("--profile", default="quick", show_default=True, metavar="NAME")
@results_folder
@show_traceback
def compare(first: str, second: str, profile: str, results: Path) -> None:
    """Say whether one method, or one folder of results, is better than another.

    python -m harness compare untuned masked-weights --profile standard

    FIRST and SECOND are two methods, each NAME or NAME:VARIANT, or two folders that hold
    scores.csv and records, such as results/quick.
    """
    from harness.evidence import comparing
    from harness.measurements import Measurements
    from harness.tables import plain

    places = Path(first), Path(second)
    if all(place.is_dir() for place in places):
        read = [Measurements.read(p.absolute().parent, p.absolute().name) for p in places]
        click.echo(plain.render(comparing.folders(read[0], read[1], (first, second))))
        return
    from harness import profiles

    profiles.find(profile)
    measured = Measurements.read(results, profile)
    click.echo(plain.render(comparing.methods(measured, first, second)))


@main.command(cls=ManyValues)
@click.option("--method", required=True, metavar="NAME", help="The method to tune.")
@click.option("--task", default="movies", show_default=True, metavar="NAME")
@click.option(
    "--setting", "choices", multiple=True, metavar="NAME=VALUE,VALUE...", help="What to try."
)
@click.option("--seeds", type=click.IntRange(min=1), default=1, show_default=True, metavar="N")
@click.option("--profile", default="standard", show_default=True, metavar="NAME")
@click.option("--data-dir", type=FOLDER, metavar="DIR", help="Real corpora.")
@click.option("--threads", type=click.IntRange(min=1), metavar="N", help="[default: all cores]")
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
    from harness import discovery, profiles, tuning
    from harness.backbones import resolve

    chosen = profiles.find(profile)
    found, method_class = tuning.tunable(tasks.find(task), discovery.load(method))
    grid = tuning.grid(method_class, choices)
    corpus = found.load(data_dir)
    _use_threads(threads or os.cpu_count() or 1)
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


@main.command()
@click.argument("name")
@click.option("--data-dir", type=FOLDER, required=True, metavar="DIR", help="Where it goes.")
@click.option("--copy", type=FOLDER, metavar="FILE", help="For founta: your own copy.")
@show_traceback
def download(name: str, data_dir: Path, copy: Path | None) -> None:
    """Fetch a corpus from its public originals into a data folder."""
    from data.remote import fetch

    click.echo(fetch(name, data_dir, copy=copy))

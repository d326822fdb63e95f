"""Options that several commands take."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from data.errors import UserError

if TYPE_CHECKING:
    from harness.runs.request import Request

FOLDER = click.Path(file_okay=True, path_type=Path)

COUNT = click.IntRange(min=1)

results_folder = click.option(
    "--results",
    type=FOLDER,
    default=Path("results"),
    show_default=True,
    help="Folder of records, tables and figures.",
)
threads_used = click.option(
    "--threads", type=COUNT, metavar="N", help="Processor cores to use.  [default: all]"
)


def profile_name(default: str) -> Callable[[Any], Any]:
    """The option that names a profile, where there is a default for it."""
    said = "Profile whose settings or results are meant."
    return click.option("--profile", default=default, show_default=True, metavar="NAME", help=said)


WHAT = (
    click.option(
        "--profile",
        metavar="NAME",
        help="How much runs.  [default: quick, or standard where there is a data folder]",
    ),
    click.option("--task", "tasks", multiple=True, metavar="NAME...", help="Tasks to run."),
    click.option("--method", "methods", multiple=True, metavar="NAME...", help="Methods to run."),
    click.option(
        "--variant", "variants", multiple=True, metavar="NAME...", help="Variants of the methods."
    ),
    click.option("--seeds", type=COUNT, metavar="N", help="Seeds of each method on each task."),
    click.option(
        "--correlation",
        "correlations",
        multiple=True,
        type=click.FloatRange(0.0, 1.0, min_open=True, max_open=True),
        metavar="RHO...",
        help="Share of the training rows in the majority cells, from balanced (.5 for two aspects "
        "of two classes) to below 1.  [default: the task's, .85]",
    ),
    click.option("--backbone", metavar="NAME", help="Built-in name, folder or hub name."),
    click.option(
        "--data-dir",
        type=FOLDER,
        metavar="DIR",
        help="Folder of real corpora; without it corpora are generated.",
    ),
    click.option("--csv", "file", type=FOLDER, metavar="FILE", help="Run on your own CSV file."),
    click.option("--text", metavar="COLUMN", help="Column of the texts in the file."),
    click.option(
        "--aspects", multiple=True, metavar="COLUMN...", help="Columns of the labels in the file."
    ),
    click.option(
        "--group", metavar="COLUMN", help="Column of groups that no split may divide, in the file."
    ),
    click.option(
        "--genres", multiple=True, metavar="A B", help="The two genres of the task movies."
    ),
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


def request_of(
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
    from harness.runs.request import Request

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


def use_threads(threads: int | None) -> int:
    """Compute on so many cores, by default all of them; how many they are."""
    import os

    import torch

    cores = threads or os.cpu_count() or 1
    torch.set_num_threads(cores)
    return cores

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

results_folder = click.option(
    "--results",
    type=FOLDER,
    default=Path("results"),
    show_default=True,
    help="Where records, tables and figures lie.",
)
profile_name = click.option("--profile", default="quick", show_default=True, metavar="NAME")
threads_used = click.option(
    "--threads", type=click.IntRange(min=1), metavar="N", help="[default: all cores]"
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
    click.option(
        "--details", multiple=True, metavar="COLUMN...", help="Its columns that refine an aspect."
    ),
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


def request_of(
    *,
    file: Path | None,
    text: str | None,
    aspects: tuple[str, ...],
    group: str | None,
    details: tuple[str, ...],
    genres: tuple[str, ...],
    paraphrases: Path | None,
    tasks: tuple[str, ...],
    **asked: Any,
) -> Request:
    """What the options of `WHAT` ask for."""
    from harness.runs.request import Request

    own = {"file": file, "text": text, "aspects": aspects, "group": group, "details": details}
    if file is None and any(own.values()):
        raise UserError(
            "--text, --aspects, --group and --details describe a file; name it with --csv FILE"
        )
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


def use_threads(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)

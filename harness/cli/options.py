"""Options that several commands take."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from data.errors import UserError
from harness.system.processor import PRECISION_VARIABLE, PRECISIONS

if TYPE_CHECKING:
    from harness.runs.request import Request

FOLDER = click.Path(file_okay=True, path_type=Path)

TYPES = {"N": click.IntRange(min=1), "DIR": FOLDER, "FILE": FOLDER}
"""What an option is read as that shows to take this, where nothing else is said."""


def option(names: str, metavar: str | None, said: str, **more: Any) -> Callable[[Any], Any]:
    """An option by its names, such as `--task tasks`, that shows what it takes and its default."""
    more.setdefault("show_default", "default" in more)
    more.setdefault("type", TYPES.get(metavar or ""))
    return click.option(*names.split(), metavar=metavar, help=said, **more)


def profile_name(default: str) -> Callable[[Any], Any]:
    """The option that names a profile, where there is a default for it."""
    return option(
        "--profile", "NAME", "Profile whose settings or results are meant.", default=default
    )


results_folder = option(
    "--results", "DIR", "Folder of records, tables, figures.", default=Path("results")
)


def _set_precision(_context: click.Context, _option: click.Parameter, named: str | None) -> None:
    if named is not None:
        os.environ[PRECISION_VARIABLE] = named


precision_used = option(
    "--precision",
    "TYPE",
    "Type in which encoders compute: auto, float32 or bfloat16.  [default: auto, the faster one]",
    type=click.Choice(PRECISIONS),
    expose_value=False,
    callback=_set_precision,
)


def _set_devices(_context: click.Context, _option: click.Parameter, named: tuple[str, ...]) -> None:
    # Before torch loads, which looks for GPUs once.
    if not named:
        return
    os.environ["CUDA_VISIBLE_DEVICES"] = "" if named == ("cpu",) else ",".join(named)
    if named != ("cpu",):
        import torch

        # CUDA leaves out a number that it does not know, and all behind it.
        if (there := torch.cuda.device_count()) < len(named):
            raise UserError(
                f"of the GPUs {', '.join(named)} {there} can be used here; name others, or cpu"
            )


devices_used = option(
    "--devices",
    "NAME...",
    "GPUs to use, by number or identifier, or cpu for none.  [default: all]",
    multiple=True,
    expose_value=False,
    callback=_set_devices,
)
threads_used = option("--threads", "N", "Processor cores to use.  [default: all]")

OF_DATA = ("text", "aspects", "group", "details", "pair", "label")
"""The options that describe data of one's own."""

WHAT = (
    option(
        "--profile",
        "NAME",
        "How much runs.  [default: quick, or standard on data of your own or from a folder]",
    ),
    option("--task tasks", "NAME...", "Tasks to run.", multiple=True),
    option("--method methods", "NAME...", "Methods to run.", multiple=True),
    option("--variant variants", "NAME...", "Variants of the methods.", multiple=True),
    option("--seeds", "N", "Seeds of each method on each task."),
    option(
        "--correlation correlations",
        "RHO...",
        "Share of the training rows in the majority cells, from balanced (.5 for two aspects of "
        "two classes) to below 1.  [default: the task's, .85]",
        multiple=True,
        type=click.FloatRange(0.0, 1.0, min_open=True, max_open=True),
    ),
    option("--backbone", "NAME", "Built-in name, folder or hub name."),
    option("--data-dir", "DIR", "Folder of real corpora; without it corpora are generated."),
    option(
        "--data --csv data",
        "FILE",
        "Run on your own data: a CSV, TSV, Parquet, JSON lines or CoNLL file, or a folder or hub "
        "name of a dataset, with :SPLIT if you like.",
        type=str,
    ),
    option("--text", "COLUMN", "Column of the texts in your data."),
    option("--aspects", "COLUMN...", "Columns of the labels in your data.", multiple=True),
    option("--group", "COLUMN", "Column of your data whose groups no split divides."),
    option("--details", "COLUMN...", "Columns of your data that refine an aspect.", multiple=True),
    option("--pair", "COLUMN", "Column of your data that names rows which differ in one aspect."),
    option("--label", "N", "Column of a CoNLL file with the texts' label, from 1."),
    option("--genres", "A B", "The two genres of the task movies.", multiple=True),
    option("--paraphrases", "FILE", "Your own pairs for the task syntax."),
)
"""The options that say what runs; `plan` and `run` take the same."""


def what_runs(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `WHAT`."""
    for each in reversed(WHAT):
        command = each(command)
    return command


def request_of(
    *,
    data: str | None,
    tasks: tuple[str, ...],
    genres: tuple[str, ...],
    paraphrases: Path | None,
    **asked: Any,
) -> Request:
    """What the options of `WHAT` ask for."""
    from data.corpora.conll import ENDINGS
    from harness.runs.request import OWN, OWN_TAGGED, Request

    own = {"data": data, **{name: asked.pop(name) for name in OF_DATA}}
    if data is None and any(own.values()):
        raise UserError(
            "--text, --aspects, --group, --details, --pair and --label describe your data; name "
            "them with --data FILE"
        )
    task = OWN_TAGGED if data is not None and data.lower().endswith(ENDINGS) else OWN
    if data is not None:
        if tasks not in ((), (task,)):
            raise UserError("--data is a task of its own; leave out --task")
        tasks = (task,)
    options: dict[str, dict[str, Any]] = {
        task: {name: value for name, value in own.items() if value},
        "movies": {"genres": genres} if genres else {},
        "syntax": {"paraphrases": paraphrases} if paraphrases else {},
    }
    return Request(tasks=tasks, options=options, **asked)


def use_threads(threads: int | None) -> int:
    """Compute on so many cores, by default all of them; how many they are."""
    import torch

    cores = threads or os.cpu_count() or 1
    torch.set_num_threads(cores)
    return cores

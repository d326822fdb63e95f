"""The command that checks methods of one file against the contract."""

import time
from pathlib import Path

import click

from data.errors import UserError
from harness.cli.options import FOLDER, option, threads_used, use_threads


@click.command()
@click.argument("file", type=FOLDER)
@option("--backbone", "NAME", "Built-in name, folder or hub name.", default="random-bert")
@threads_used
def check(file: Path, backbone: str, threads: int | None) -> None:
    """Check that the methods of a file keep the contract, in about a minute each.

    python -m harness check my_method.py

    FILE may lie anywhere. One line a check; the exit status is 0 where all are kept.
    """
    from harness.conformance.benches import BY_KIND
    from harness.conformance.checks import ConformanceError
    from harness.encoders.backbones import resolve
    from harness.runs import discovery

    use_threads(threads)
    methods = discovery.load_file(file)
    encoder = resolve(backbone)
    failed = total = 0
    for method in methods:
        for kind in method.kinds:
            make, checks = BY_KIND[kind]
            bench = make(encoder)
            click.echo(f"{method.name}, on a task of the kind {kind}:")
            for each in checks:
                begun, said = time.perf_counter(), ""
                try:
                    each(method, bench)
                except ConformanceError as error:
                    said = str(error)
                except Exception as error:
                    said = f"raises {type(error).__name__}: {' '.join(str(error).split())}"
                name = each.__name__.removeprefix("check_").replace("_", " ")
                meaning = (each.__doc__ or "").partition("\n")[0].rstrip(".")
                spent = f"{time.perf_counter() - begun:5.1f} s"
                click.echo(f"  {'FAILED' if said else 'ok':<6}  {spent}  {name}: {said or meaning}")
                failed, total = failed + bool(said), total + 1
    if failed:
        raise UserError(f"{failed} of {total} checks failed")
    click.echo(f"all {total} checks are kept")

"""The command that audits vectors of any encoder."""

from pathlib import Path

import click

from data.errors import UnknownNameError, UserError
from harness.cli.multi_value import ManyValues
from harness.cli.options import option


@click.command(cls=ManyValues)
@option(
    "--embeddings files",
    "FILE...",
    "Vectors: .npy, .npz, .parquet, .safetensors; or ASPECT=FILE for each aspect.",
    multiple=True,
    required=True,
)
@option("--labels", "FILE", "CSV, TSV, Parquet or JSON lines, a row a vector.", required=True)
@option("--aspects", "COLUMN...", "Its columns of labels.", multiple=True, required=True)
@option("--group", "COLUMN", "Its column whose equal values keep rows together.")
@option("--details", "COLUMN...", "Its columns that refine an aspect.", multiple=True)
@option("--against", "FILE", "Second vectors of the same rows, such as the encoder's.")
@option("--key", "NAME", "The array, tensor or column in files that hold several.")
@option("--out", "DIR", "Folder for audit.json and audit.html.")
@option("--seed", "N", "Of draws, folds and probes.", type=click.IntRange(min=0), default=0)
def audit(
    files: tuple[str, ...],
    labels: Path,
    aspects: tuple[str, ...],
    group: str | None,
    details: tuple[str, ...],
    against: Path | None,
    key: str | None,
    out: Path | None,
    seed: int,
) -> None:
    """Say what can be read from vectors of your own, and what they keep of others."""
    from data.details import column_of
    from harness.outputs.audit import audit as measured
    from harness.outputs.audit import page
    from harness.outputs.audit.files import read_labels, read_vectors
    from harness.system.storage import write_atomically

    columns = [*aspects, *([] if group is None else [group])]
    columns += [column_of(name, aspects) for name in details]
    if len(set(columns)) < len(columns):
        twice = next(name for name in columns if columns.count(name) > 1)
        raise UserError(f"the column {twice!r} is named twice; name each for one purpose")
    named = _named(files, aspects)
    held = read_labels(labels, columns)
    vectors = {name: read_vectors(path, key) for name, path in named.items()}
    found = measured(
        vectors.get("", vectors),
        {name: held[name] for name in aspects},
        groups=None if group is None else held[group],
        against=None if against is None else read_vectors(against, key),
        details={name: held[column_of(name, aspects)] for name in details},
        seed=seed,
    )
    click.echo(page.text(found))
    if out is not None:
        for name, content in (("audit.json", found.to_json()), ("audit.html", page.page(found))):
            write_atomically(out / name, content)
            click.echo(out / name)


def _named(files: tuple[str, ...], aspects: tuple[str, ...]) -> dict[str, Path]:
    """The file of each aspect, or one file under an empty name."""
    if len(files) == 1 and files[0].partition("=")[0] not in aspects:
        return {"": Path(files[0])}
    found: dict[str, Path] = {}
    for each in files:
        aspect, sign, file = each.partition("=")
        if not sign:
            raise UserError(
                f"several files of vectors need the names of their aspects, as {aspects[0]}={each}"
            )
        if aspect not in aspects:
            raise UnknownNameError("aspect", aspect, aspects)
        found[aspect] = Path(file)
    return found

"""Jinja's environment for the report's templates, and what they call."""

import itertools
from functools import cache
from math import isfinite
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.outputs.tables import markdown
from harness.outputs.tables.cells import decimal
from harness.outputs.tables.layout import Cell, Column

TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment() -> Environment:
    """The environment; templates of HTML escape what they are given, others do not."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["escaped"] = markdown.escape
    made.globals.update(spans=spans, classes=classes, shade=shade, decimal=decimal)
    return made


def verbatim(name: str) -> Markup:
    """A file beside the templates, to be put into a page as it is."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))


def spans(columns: tuple[Column, ...]) -> list[tuple[str, int]]:
    """Neighbours of one group together: the group and how many."""
    grouped = itertools.groupby(columns, key=lambda column: column.group)
    return [(group, len(list(members))) for group, members in grouped]


def classes(cell: Cell, shaded: bool) -> Markup:
    """The attributes of a cell: its number for sorting, and how it looks."""
    words = ["best"] if cell.best else []
    number = cell.number.mean if cell.number else float("nan")
    parts = [f' data-v="{number:.6g}"'] if isfinite(number) else []
    if shaded and isfinite(number):
        words.append("shaded")
        parts.append(f' style="--v:{_share(number)}"')
    parts += [f' class="{" ".join(words)}"'] if words else []
    return Markup("".join(parts))


def shade(value: float) -> Markup:
    """The attributes of a cell of a matrix."""
    return Markup(f' class="shaded" style="--v:{_share(value)}"')


def _share(value: float) -> str:
    return f"{min(max(value, 0.0), 1.0):.3g}"

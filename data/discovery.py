"""Finding the classes of a folder by reading its files, without importing them.

A class takes part when its body gives `name` as a literal string; the first line of its docstring
is its summary. Reading instead of importing lets a listing answer before any heavy library loads.
"""

import ast
import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from data.errors import UnknownNameError, UserError


@dataclass(frozen=True)
class Declared:
    """A class that stands in a file, with its name and its one-line summary."""

    name: str
    summary: str
    module: str
    class_name: str

    @property
    def file(self) -> str:
        """Where it stands, for messages."""
        return self.module.replace(".", "/") + ".py"

    def load(self) -> Any:
        """Import the module and give the class."""
        return getattr(importlib.import_module(self.module), self.class_name)


def declared(*places: tuple[Path, str]) -> dict[str, Declared]:
    """The named classes in the Python files of some folders, by name, in alphabetic order.

    Each place is a folder and its dotted name; files that begin with an underscore are left out.
    UserError where a file cannot be parsed, or two classes have one name.
    """
    found: dict[str, Declared] = {}
    for folder, package in places:
        for path in sorted(folder.glob("[!_]*.py")):
            for each in declared_in(path, f"{package}.{path.stem}"):
                if (other := found.setdefault(each.name, each)) is not each:
                    raise UserError(
                        f"two classes have the name {each.name!r}: {other.class_name} in "
                        f"{other.file} and {each.class_name} in {each.file}; rename one"
                    )
    return dict(sorted(found.items()))


def declared_in(path: Path, module: str) -> list[Declared]:
    """The named classes in one file; UserError where it cannot be read or parsed.

    `module`: the dotted name of the file.
    """
    try:
        classes = _named_classes(path.read_bytes())
    except (SyntaxError, ValueError, OSError) as error:
        package = module.rpartition(".")[0] or str(path.parent)
        raise UserError(f"cannot read {path.name} in {package}: {error}") from None
    return [Declared(name, summary, module, class_name) for name, summary, class_name in classes]


def pick(kind: str, name: str, known: Mapping[str, Declared]) -> Declared:
    """The declared class of that name.

    UnknownNameError where there is none; it suggests the nearest name.
    """
    if name not in known:
        raise UnknownNameError(kind, name, known)
    return known[name]


@lru_cache(maxsize=1024)
def _named_classes(source: bytes) -> tuple[tuple[str, str, str], ...]:
    """(name, summary, class name) of each; kept, as a report asks for the same files many times."""
    found = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and (name := _literal_name(node)) is not None:
            summary = (ast.get_docstring(node) or "").split("\n", 1)[0]
            found.append((name, summary, node.name))
    return tuple(found)


def _literal_name(node: ast.ClassDef) -> str | None:
    for statement in node.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id="name")], value=ast.Constant(value=str(name)))
                | ast.AnnAssign(target=ast.Name(id="name"), value=ast.Constant(value=str(name)))
            ):
                return name
    return None

"""The reference of all methods, read from their files as text: nothing is imported."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from data.discovery import Declared
from harness.runs.discovery import PACKAGES

OWN = (*PACKAGES, "harness", "data")
"""The packages in which names are looked up."""

INTRODUCTION = """# Methods

Every method with its source, the kinds of tasks that it learns (`aspects`: texts with labels;
`triplets`: semantics and syntax; `language`: models of texts), its settings and its named variants.
[hyperparameters.md](hyperparameters.md) says how settings were chosen. A profile or a kind of task
may change a default; `kind_settings` and `profiles` in the method's file say which.
"""

CONTROLS = """## Controls

They show what the measure alone can tell, and what could be had at best. They run as every method
does, stand in italics in tables, and take no part in marks, Pareto fronts and best rows.
"""


class Found(NamedTuple):
    """A syntax tree and the module in which its names are looked up."""

    module: str
    node: ast.AST


Settings = dict[str, tuple[str, str]]
"""Field of a method's settings to its default and what it means."""


def methods_page(methods: Mapping[str, Declared]) -> str:
    """The whole page, a section for each method; controls and upper bounds have one together.

    Parameters
    ----------
    methods : by name, as `harness.runs.discovery.methods` finds them.
    """
    found = {name: _lookup(each.module, each.class_name) for name, each in methods.items()}
    apart = {
        name
        for name, node in found.items()
        if _true(_member(node, "control")) or _true(_member(node, "balanced_training"))
    }
    parts = [INTRODUCTION]
    parts += [_section(methods[n], found[n], "##") for n in sorted(found.keys() - apart)]
    if apart:
        parts += [CONTROLS, *(_section(methods[n], found[n], "###") for n in sorted(apart))]
    return "\n".join(parts)


def settings_of(method: Declared) -> Settings:
    """The settings of a method: field to its default as written, and what it means."""
    return _settings(_member(_lookup(method.module, method.class_name), "Settings"))


def _section(method: Declared, found: Found | None, level: str) -> str:
    said, _, source = method.summary.partition(" Source: ")
    lines = [f"{level} {method.name}\n", f"{said.rstrip(':')}\n"]
    facts = [f"Source: {source.removesuffix('.')}"] if source else []
    if kinds := [f"`{kind}`" for kind in _strings(_member(found, "kinds"))]:
        facts.append(f"kinds: {', '.join(kinds)}")
    path = f"{method.module.replace('.', '/')}.py"
    facts.append(f"file: [{path}](../{path})")
    lines.append(f"{'; '.join(facts)}.\n")
    if settings := _settings(_member(found, "Settings")):
        lines += ["| setting | default | meaning |", "| :-- | :-- | :-- |"]
        lines += _rows(settings)
        lines.append("")
    if variants := [f"`{name}`" for name in _strings(_member(found, "variants"))]:
        lines.append(f"Variants: {', '.join(variants)}.\n")
    return "\n".join(lines)


def _rows(settings: Settings) -> Iterator[str]:
    """A line for each setting, or for all that one entry of the docstring explains together."""
    for meaning in dict.fromkeys(said or name for name, (_, said) in settings.items()):
        same = {n: default for n, (default, said) in settings.items() if meaning in (said, n)}
        names = ", ".join(f"`{name}`" for name in same)
        defaults = ", ".join(f"`{default}`" for default in same.values())
        said = "" if meaning in same else meaning.replace("|", r"\|")
        yield f"| {names} | {defaults} | {said} |"


@cache
def _tree(module: str) -> ast.Module | None:
    """The parsed file of a module of this project."""
    if module.partition(".")[0] not in OWN:
        return None
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        return None
    return ast.parse(Path(spec.origin).read_bytes())


def _lookup(module: str, name: str) -> Found | None:
    """What a name stands for at the top level of a module, through its imports."""
    tree = _tree(module)
    for node in tree.body if tree else ():
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return _lookup(node.module, alias.name)
        elif found := _named(node, name):
            return Found(module, found)
    return None


def _named(node: ast.stmt, name: str) -> ast.AST | None:
    """The class, or the value, that a statement gives the name."""
    if isinstance(node, ast.ClassDef) and node.name == name:
        return node
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    if any(isinstance(target, ast.Name) and target.id == name for target in targets):
        return getattr(node, "value", None)
    return None


def _resolve(found: Found | None) -> Found | None:
    """What an expression names: a class, or the value of a constant."""
    if found is None or not isinstance(found.node, ast.Name | ast.Attribute):
        return found
    if isinstance(found.node, ast.Name):
        return _resolve(_lookup(found.module, found.node.id))
    return _member(_resolve(Found(found.module, found.node.value)), found.node.attr)


def _bases(found: Found) -> Iterator[Found]:
    if isinstance(found.node, ast.ClassDef):
        for base in found.node.bases:
            if resolved := _resolve(Found(found.module, base)):
                yield resolved


def _member(found: Found | None, name: str) -> Found | None:
    """A class's own attribute, or that of the first base that has it."""
    if found is None or not isinstance(found.node, ast.ClassDef):
        return None
    for statement in found.node.body:
        if node := _named(statement, name):
            return _resolve(Found(found.module, node))
    inherited = (_member(base, name) for base in _bases(found))
    return next((member for member in inherited if member), None)


def _true(found: Found | None) -> bool:
    return found is not None and getattr(found.node, "value", False) is True


def _strings(found: Found | None) -> list[str]:
    """The entries of a tuple, or the keys of a dictionary; `…` stands for what is computed."""
    found = _resolve(found)
    if found is None:
        return []
    node, names = found.node, list[str]()
    if isinstance(node, ast.Tuple):
        keys: list[tuple[ast.expr | None, ast.expr]] = [(item, item) for item in node.elts]
    elif isinstance(node, ast.Dict):
        keys = list(zip(node.keys, node.values, strict=True))
    elif isinstance(node, ast.DictComp):
        keys = [(node.key, node.value)]
    else:
        return []
    for key, value in keys:
        if isinstance(key, ast.Constant):
            names.append(str(key.value))
        elif isinstance(key, ast.JoinedStr):
            parts = (p.value if isinstance(p, ast.Constant) else "…" for p in key.values)
            names.append("".join(map(str, parts)))
        elif key is None:
            names += _strings(Found(found.module, value))
    return names


def _settings(found: Found | None) -> Settings:
    """The fields of a dataclass by name, those of its bases first."""
    fields: Settings = {}
    if found is None or not isinstance(found.node, ast.ClassDef):
        return fields
    for base in _bases(found):
        fields |= _settings(base)
    for node in found.node.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            _, meaning = fields.get(node.target.id, ("", ""))
            fields[node.target.id] = ast.unparse(node.value), meaning
    for name, meaning in _meanings(ast.get_docstring(found.node) or "").items():
        if name in fields:
            fields[name] = fields[name][0], meaning
    return fields


def _meanings(docstring: str) -> dict[str, str]:
    """Field to its meaning, from lines like `steps : of the training.` and what they go on with."""
    meanings: dict[str, str] = {}
    entry = r"^`?(\w+(?:, \w+)*)`? ?: (.+(?:\n[ \t]+\S.*)*)"
    for names, text in re.findall(entry, docstring, flags=re.M):
        for name in names.split(", "):
            meanings[name] = " ".join(text.split())
    return meanings

"""The reference of all methods: source, settings with their meanings, and variants."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

from data.discovery import Declared
from harness.contract.learner import Learner
from harness.contract.search import Choice, Space

INTRODUCTION = """# Methods

Every method with its source, the kinds of tasks that it learns (`aspects`: texts with labels;
`triplets`: semantics and syntax; `language`: models of texts), its settings and its named variants.
[hyperparameters.md](hyperparameters.md) says how settings were chosen. A profile or a kind of task
may change a default; `kind_settings` and `profiles` in the method's file say which. `tune`
looks for a setting within what stands under *searched*.
"""

CONTROLS = """## Controls

They show what the measure alone can tell, and what could be had at best. They run as every method
does, stand in italics in tables, and take no part in marks, Pareto fronts and best rows.
"""


def methods_page(methods: Mapping[str, Declared], classes: Mapping[str, type[Learner]]) -> str:
    """The whole page, a section for each method; controls and upper bounds have one together.

    Parameters
    ----------
    methods, classes : both by name, as `harness.runs.discovery` finds and loads them.
    """
    apart = [n for n, each in classes.items() if each.control or each.balanced_training]
    parts = [INTRODUCTION]
    parts += [_section(methods[n], classes[n], "##") for n in sorted(classes.keys() - set(apart))]
    if apart:
        parts += [CONTROLS, *(_section(methods[n], classes[n], "###") for n in sorted(apart))]
    return "\n".join(parts)


def meanings(settings: type[Any]) -> dict[str, str]:
    """Field to its meaning, as docstrings of a dataclass and its bases explain them.

    They do in lines like `steps : of the training.` and what these go on with; several names before
    the colon have one meaning.
    """
    found: dict[str, str] = {}
    entry = r"^`?(\w+(?:, \w+)*)`? ?: (.+(?:\n[ \t]+\S.*)*)"
    for each in reversed(settings.__mro__):
        for names, text in re.findall(entry, inspect.cleandoc(each.__doc__ or ""), flags=re.M):
            found |= dict.fromkeys(names.split(", "), " ".join(text.split()))
    return found


def written(value: object) -> str:
    """A setting's value as code would have it, so that an empty text shows."""
    return f"{value:g}" if isinstance(value, float) else repr(value)


def _section(method: Declared, loaded: type[Learner], level: str) -> str:
    said, _, source = method.summary.partition(" Source: ")
    lines = [f"{level} {method.name}\n", f"{said.rstrip(':')}\n"]
    facts = [f"Source: {source.removesuffix('.')}"] if source else []
    facts.append(f"kinds: {', '.join(f'`{kind}`' for kind in loaded.kinds)}")
    path = f"{method.module.replace('.', '/')}.py"
    facts.append(f"file: [{path}](../{path})")
    lines.append(f"{'; '.join(facts)}.\n")
    if rows := list(_rows(loaded)):
        lines += [
            "| setting | default | searched | meaning |",
            "| :-- | :-- | :-- | :-- |",
            *rows,
            "",
        ]
    if loaded.variants:
        lines.append(f"Variants: {', '.join(f'`{name}`' for name in loaded.variants)}.\n")
    return "\n".join(lines)


def _rows(loaded: type[Learner]) -> Iterator[str]:
    """A line for each setting, or for all that one entry of a docstring explains together."""
    defaults = vars(loaded.Settings())
    told = meanings(loaded.Settings)
    for said in dict.fromkeys(told.get(name, name) for name in defaults):
        same = [name for name in defaults if told.get(name, name) == said]
        names, values, spaces = (
            ", ".join(parts)
            for parts in (
                (f"`{name}`" for name in same),
                (f"`{written(defaults[name])}`" for name in same),
                (
                    (f"{name}: " if len(same) > 1 else "") + _space(loaded.search[name])
                    for name in same
                    if name in loaded.search
                ),
            )
        )
        meaning = "" if said in same else said.replace("|", r"\|")
        yield f"| {names} | {values} | {spaces} | {meaning} |"


def _space(space: Space) -> str:
    if isinstance(space, Choice):
        return " or ".join(map(str, space.values))
    return f"{space.low:g} to {space.high:g}" + (", log" if space.scale == "log" else "")

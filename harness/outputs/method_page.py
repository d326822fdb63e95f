"""The reference of all methods: source, settings with their meanings, and variants."""

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

from data.discovery import Declared
from harness.contract.learner import Learner
from harness.contract.search import Choice, Space


def methods_page(methods: Mapping[str, Declared], classes: Mapping[str, type[Learner]]) -> str:
    """The whole page, a section for each method; controls and upper bounds have one together.

    `methods` and `classes` are by name, as `harness.runs.discovery` finds and loads them.
    """
    # `list` takes the meanings of settings from here, and needs none of what templates load.
    from harness.outputs.report.environment import environment

    parts: dict[bool, list[dict[str, object]]] = {True: [], False: []}
    for name, each in sorted(classes.items()):
        parts[each.control or each.balanced_training].append(_section(methods[name], each))
    template = environment().get_template("methods.md.j2")
    return template.render(methods=parts[False], apart=parts[True])


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


def _section(method: Declared, loaded: type[Learner]) -> dict[str, object]:
    """What the template shows of a method."""
    said, _, source = method.summary.partition(" Source: ")
    path = f"{method.module.replace('.', '/')}.py"
    facts = [
        *([f"Source: {source.removesuffix('.')}"] if source else []),
        f"kinds: {', '.join(f'`{kind}`' for kind in loaded.kinds)}",
        f"file: [{path}](../{path})",
    ]
    rows, variants = list(_rows(loaded)), list(loaded.variants)
    said = said.rstrip(":")
    return {"name": method.name, "said": said, "facts": facts, "rows": rows, "variants": variants}


def _rows(loaded: type[Learner]) -> Iterator[tuple[str, ...]]:
    """A row for each setting, or for all that one entry of a docstring explains together."""
    defaults, tuned = vars(loaded.Settings()), loaded.tuned()
    told = meanings(loaded.Settings)
    for said in dict.fromkeys(told.get(name, name) for name in defaults):
        same = [name for name in defaults if told.get(name, name) == said]
        names, values, spaces, found = (
            ", ".join(parts)
            for parts in (
                (f"`{name}`" for name in same),
                (f"`{written(defaults[name])}`" for name in same),
                (
                    (f"{name}: " if len(same) > 1 else "") + _space(loaded.search[name])
                    for name in same
                    if name in loaded.search
                ),
                (f"`{written(tuned[name])}`" for name in same if name in tuned),
            )
        )
        yield names, values, spaces, found, "" if said in same else said.replace("|", r"\|")


def _space(space: Space) -> str:
    if isinstance(space, Choice):
        return " or ".join(map(str, space.values))
    return f"{space.low:g} to {space.high:g}" + (", log" if space.scale == "log" else "")

"""What a reader needs to know to read tables: the sentences of remarks.toml."""

import tomllib
from functools import cache
from pathlib import Path


@cache
def _groups() -> dict[str, dict[str, str]]:
    text = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    return {
        group: {name: " ".join(said.split()) for name, said in found.items()}
        for group, found in tomllib.loads(text).items()
    }


def sentences(group: str) -> dict[str, str]:
    """Those of a group by their names."""
    return dict(_groups()[group])


def every(group: str) -> tuple[str, ...]:
    """Those of a group in their order."""
    return tuple(sentences(group).values())

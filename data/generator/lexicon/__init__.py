"""The words and rules of the generated corpora: the TOML files of this folder.

In `words` and `rules` the notation is that of the grammar; the comments of each file say the rest.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def lexicon(name: str) -> dict[str, Any]:
    """What the file of that name holds."""
    return tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))


def symbols(*names: str) -> tuple[dict[str, str], dict[str, str]]:
    """The rules of some files together, and their words."""
    files = [lexicon(name) for name in names]
    rules, words = (
        {symbol: text for file in files for symbol, text in file.get(table, {}).items()}
        for table in ("rules", "words")
    )
    return rules, words

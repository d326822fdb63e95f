"""Defaults that `tune --choose` has taken from the stored fits: a file, and never by hand."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

TUNED_FILE = Path(__file__).with_name("tuned.toml")


@cache
def tuned_settings() -> Mapping[str, Mapping[str, Any]]:
    """Method to the settings that were chosen for it; empty where none were."""
    if not TUNED_FILE.exists():
        return {}
    return tomllib.loads(TUNED_FILE.read_text(encoding="utf-8"))

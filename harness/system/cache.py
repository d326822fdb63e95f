"""Where what can be computed again is kept between runs, outside of the results."""

import os
from pathlib import Path

CACHE_VARIABLE = "DISENTANGLE_CACHE"


def cache_root() -> Path:
    """The folder that DISENTANGLE_CACHE names, else `disentangle-bench` in the user's cache."""
    if named := os.environ.get(CACHE_VARIABLE):
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "disentangle-bench"


def checkpoint_folder(key: str) -> Path:
    """Where the trial with this key may keep what it needs to go on after a kill."""
    return cache_root() / "checkpoints" / key

"""Where a result comes from: code, libraries, machine."""

import os
import platform
import subprocess
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from harness.system.processor import cpu_name

PACKAGES = (
    "numpy",
    "scipy",
    "scikit-learn",
    "pandas",
    "torch",
    "transformers",
    "tokenizers",
    "safetensors",
)


@cache
def provenance() -> dict[str, Any]:
    """Revision and dirty flag (None outside a git checkout), versions, and the machine."""
    # An environment may lie in the checkout of another project, which has none of this code.
    own = _git("ls-files", "--error-unmatch", str(Path(__file__).resolve()))
    revision = _git("rev-parse", "HEAD") if own else None
    # Results are what the suite writes itself: they do not make its code dirty.
    changes = _git("status", "--porcelain", "--", ".", ":(exclude)results")
    return {
        "git_revision": revision,
        "git_dirty": None if revision is None or changes is None else bool(changes),
        "packages": _versions(),
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        "cpu": cpu_name(),
        "cores": os.cpu_count(),
    }


def _git(*arguments: str) -> str | None:
    command = ("git", "-C", str(Path(__file__).resolve().parents[2]), *arguments)
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found

"""Where a result comes from: code, libraries, machine."""

from __future__ import annotations

import os
import platform
import subprocess
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

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
    revision = _git("rev-parse", "HEAD")
    # Results are what the suite writes itself: they do not make its code dirty.
    changes = _git("status", "--porcelain", "--", ".", ":(exclude)results")
    return {
        "git_revision": revision,
        "git_dirty": None if revision is None or changes is None else bool(changes),
        "packages": _versions(),
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        "cpu": _cpu_name(),
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


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())

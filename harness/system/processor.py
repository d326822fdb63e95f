"""The processor: its name, and the type that the user wants it to compute in."""

import platform
from pathlib import Path

PRECISION_VARIABLE = "DISENTANGLE_PRECISION"

PRECISIONS = ("auto", "float32", "bfloat16")
"""What that variable may say; `harness.encoders.precision` follows it."""


def cpu_name() -> str:
    """As the system calls the model, or what `platform` knows of it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())

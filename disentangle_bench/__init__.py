"""What the benchmark offers to Python, under one name; each part loads when it is first used.

`audit` says what can be read from vectors of any encoder, `MaskedEncoder` learns masks, `TextVAE`
latents of texts, `run` compares methods, and `Method` and `Task` are what one's own methods and
tasks derive from.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from baselines.text_vae.api import TextVAE
    from data.tasks.task import Task
    from disentangle_bench.running import run
    from harness.contract.method import Method
    from harness.outputs.audit import Audit, audit
    from masking import MaskedEncoder

__all__ = ["Audit", "MaskedEncoder", "Method", "Task", "TextVAE", "audit", "run"]

_HOMES = {
    "Audit": "harness.outputs.audit",
    "MaskedEncoder": "masking",
    "Method": "harness.contract.method",
    "Task": "data.tasks.task",
    "TextVAE": "baselines.text_vae.api",
    "audit": "harness.outputs.audit",
    "run": "disentangle_bench.running",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

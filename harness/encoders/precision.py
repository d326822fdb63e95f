"""The one rule by which encoders compute in bfloat16 or in float32.

A processor may list instructions for products in bfloat16 and still multiply faster in float32, so
no list is asked: a product of a transformer's size is timed once a machine in both, and the faster
type is kept in the user's cache. Representations are as good in either
(`benchmarks/speed/test_speed_precision.py`). `DISENTANGLE_PRECISION` names one of them instead.
"""

import contextlib
import json
import os
import time
from functools import cache

import torch

from data.errors import UserError
from harness.encoders.device import device
from harness.system.cache import cache_root
from harness.system.processor import PRECISION_VARIABLE, PRECISIONS, cpu_name
from harness.system.storage import write_atomically

SHAPE = (512, 384, 1536)
"""Tokens, width and inner width of the product that is timed: MiniLM's on a few short texts."""

REPEATS = 5
"""How often it is timed in each type; the least time counts."""


@cache
def compute_dtype() -> torch.dtype:
    """The type that is named, or the faster one of `torch.bfloat16` and `torch.float32`.

    UserError where the named type is none of `PRECISIONS`.
    """
    named = os.environ.get(PRECISION_VARIABLE, "auto")
    if named not in PRECISIONS:
        raise UserError(f"{PRECISION_VARIABLE} is {named!r}; use {', '.join(PRECISIONS)}")
    if named == "auto" and device().type == "cuda":
        named = _NAMES[torch.cuda.is_bf16_supported(including_emulation=False)]
    dtype: torch.dtype = getattr(torch, _fastest() if named == "auto" else named)
    return dtype


def autocast() -> torch.autocast:
    """A context in which a model with float32 weights computes in that type."""
    dtype = compute_dtype()
    return torch.autocast(device().type, torch.bfloat16, enabled=dtype == torch.bfloat16)


_NAMES = {True: "bfloat16", False: "float32"}


def _fastest() -> str:
    """Of this processor, timed unless it was before: results of one machine are of one type."""
    path = cache_root() / "precision.json"
    machine = f"{cpu_name()}, torch {torch.__version__}"
    known: dict[str, str] = {}
    with contextlib.suppress(OSError, ValueError, TypeError):
        known = dict(json.loads(path.read_text(encoding="utf-8")))
    if (found := known.get(machine)) not in _NAMES.values():
        found = _NAMES[product_seconds(torch.bfloat16) < product_seconds(torch.float32)]
        # A cache that cannot be written costs the time of the products, and no run.
        with contextlib.suppress(UserError):
            write_atomically(path, json.dumps({**known, machine: found}), wait=False)
    return str(found)


@torch.no_grad()
def product_seconds(dtype: torch.dtype) -> float:
    """The least time in seconds that a product of `SHAPE` takes in a type."""
    tokens, width, inner = SHAPE
    left, right = torch.ones(tokens, width, dtype=dtype), torch.ones(width, inner, dtype=dtype)
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        left @ right
        seconds.append(time.perf_counter() - start)
    return min(seconds)

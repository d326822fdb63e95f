"""The one rule by which encoders compute in bfloat16 or in float32.

On a processor with instructions for bfloat16 products, encoders run several times faster in it, and
representations are as good (`benchmarks/speed/test_speed_precision.py` measures both). On one
without, the same products are emulated and several times slower than in float32. GPUs follow the
same rule.
"""

from __future__ import annotations

from functools import cache

import torch

from harness.encoders.device import device

INSTRUCTIONS = ("avx512_bf16", "amx_bf16", "arm_bf16", "bf16")
"""What processors with products in bfloat16 call them, as `torch.cpu.get_capabilities` says it."""


@cache
def compute_dtype() -> torch.dtype:
    """`torch.bfloat16` where the device multiplies in it, otherwise `torch.float32`."""
    if device().type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
        return torch.bfloat16 if fast else torch.float32
    found = torch.cpu.get_capabilities()
    return torch.bfloat16 if any(found.get(name) for name in INSTRUCTIONS) else torch.float32


def autocast() -> torch.autocast:
    """A context in which a model with float32 weights computes in that type."""
    dtype = compute_dtype()
    return torch.autocast(device().type, torch.bfloat16, enabled=dtype == torch.bfloat16)

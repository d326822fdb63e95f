"""The one rule by which methods compute on a GPU or on the processor, and draws that suit both."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import torch
from torch import Tensor


@cache
def device() -> torch.device:
    """A GPU where torch finds one, otherwise the processor.

    Backbones are loaded onto it, and whatever works with a backbone goes where that lies.
    """
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def device_name(where: torch.device) -> str:
    """What records call it: `cpu`, or the GPU's own name."""
    return torch.cuda.get_device_name(where) if where.type == "cuda" else str(where)


def gpu_identity(where: torch.device | None) -> str | None:
    """What every process calls a GPU, whatever its number there; None for anything else."""
    if where is None or where.type != "cuda":
        return None
    return str(torch.cuda.get_device_properties(where).uuid)


def torch_generators() -> tuple[torch.Generator, ...]:
    """Those that torch draws from by itself: the processor's, and the GPU's where there is one."""
    if device().type != "cuda":
        return (torch.default_generator,)
    torch.cuda.init()  # type: ignore[no-untyped-call]
    return (torch.default_generator, torch.cuda.default_generators[torch.cuda.current_device()])


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Within it torch draws from this seed; afterwards its generators are as they were."""
    kept = [(generator, generator.get_state()) for generator in torch_generators()]
    torch.manual_seed(seed)
    try:
        yield
    finally:
        for generator, state in kept:
            generator.set_state(state)


def normal_like(tensor: Tensor) -> Tensor:
    """Standard normal numbers in the shape and type of a tensor, and where it lies.

    They are drawn on the processor, so that a seed draws the same on every device.
    """
    return torch.randn(tensor.shape, dtype=tensor.dtype).to(tensor.device)

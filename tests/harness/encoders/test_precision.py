"""In which type encoders compute."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from harness.encoders.device import device
from harness.encoders.precision import autocast, compute_dtype


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    for rule in (device, compute_dtype):
        rule.cache_clear()
    yield
    for rule in (device, compute_dtype):
        rule.cache_clear()


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ({"avx2": True, "avx512_bf16": False}, torch.float32),
        ({"avx2": True, "avx512_bf16": True}, torch.bfloat16),
        ({"amx_bf16": True}, torch.bfloat16),
        ({}, torch.float32),
    ],
)
def test_bfloat16_is_for_processors_that_multiply_in_it(
    capabilities: dict[str, bool], expected: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert compute_dtype() == expected
    linear, vectors = torch.nn.Linear(4, 4), torch.ones(2, 4)
    assert linear(vectors).dtype == torch.float32
    with autocast():
        assert linear(vectors).dtype == expected


@pytest.mark.parametrize(("fast", "expected"), [(True, torch.bfloat16), (False, torch.float32)])
@pytest.mark.filterwarnings("ignore:CUDA is not available")
def test_on_a_gpu_its_own_products_decide(
    fast: bool, expected: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Emulated products are slower than those in float32, so they do not count."""

    def supported(including_emulation: bool = True) -> bool:
        return fast or including_emulation

    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", supported)
    assert compute_dtype() == expected
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert autocast().device == "cuda"
